// Fields of an effect, read strictly. Rule: a field that is missing or of another type refuses the effect; nothing is guessed.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.runtime.RefusedEffect
import java.util.Base64

private const val LARGEST = 9_007_199_254_740_991L

internal fun refuse(expected: String): Nothing = throw RefusedEffect("expected $expected")

internal fun JsonObject.text(name: String): String = textOrNull(name) ?: refuse("text")

/** null when the field is missing or null. */
internal fun JsonObject.textOrNull(name: String): String? =
    when (val value = this[name]) {
        null, JsonNull -> null
        is JsonPrimitive -> if (value.isString) value.content else refuse("text")
        else -> refuse("text")
    }

internal fun JsonObject.number(name: String): Long = numberOrNull(name) ?: refuse("an integer")

internal fun JsonObject.numberOrNull(name: String): Long? {
    val value = this[name]
    if (value == null || value is JsonNull) return null
    return readNumber(value)
}

/** An integer within ±2^53, as JSON has it. */
internal fun readNumber(value: JsonElement): Long {
    val number = (value as? JsonPrimitive)?.takeUnless { it.isString }?.content?.toLongOrNull()
    return number?.takeIf { it in -LARGEST..LARGEST } ?: refuse("an integer")
}

/** An integer of at least 0. */
internal fun JsonObject.size(name: String): Long = number(name).also { if (it < 0) refuse("a size") }

/** An integer from 0 to what an array can have. */
internal fun JsonObject.count(name: String): Int {
    val count = size(name)
    if (count > Int.MAX_VALUE) refuse("a smaller number")
    return count.toInt()
}

internal fun JsonObject.countOrNull(name: String): Int? = numberOrNull(name)?.let { count(name) }

internal fun JsonObject.truth(name: String): Boolean {
    val value = (this[name] as? JsonPrimitive)?.takeUnless { it.isString }
    return value?.content?.toBooleanStrictOrNull() ?: refuse("true or false")
}

internal fun JsonObject.fields(name: String): JsonObject = this[name] as? JsonObject ?: refuse("an object")

internal fun JsonObject.list(name: String): JsonArray = this[name] as? JsonArray ?: refuse("a list")

internal fun JsonObject.objects(name: String): List<JsonObject> =
    list(name).map {
        it as? JsonObject
            ?: refuse("objects")
    }

internal fun JsonObject.texts(name: String): List<String> =
    list(name).map { (it as? JsonPrimitive)?.takeIf { text -> text.isString }?.content ?: refuse("texts") }

/** Base64 with padding (H-1). */
internal fun JsonObject.bytes(name: String): ByteArray = bytesOrNull(name) ?: refuse("bytes")

internal fun JsonObject.bytesOrNull(name: String): ByteArray? = textOrNull(name)?.let(::decodeBase64)

internal fun decodeBase64(text: String): ByteArray =
    try {
        Base64.getDecoder().decode(text)
    } catch (_: IllegalArgumentException) {
        refuse("base64")
    }

internal fun formatBase64(
    bytes: ByteArray,
    from: Int = 0,
    length: Int = bytes.size,
): String {
    val slice = if (from == 0 && length == bytes.size) bytes else bytes.copyOfRange(from, from + length)
    return Base64.getEncoder().encodeToString(slice)
}

/** `storage`: whether a slot is the device's, or in memory. */
internal fun JsonObject.storage(name: String = "storage"): Storage =
    when (text(name)) {
        "device" -> Storage.DEVICE
        "memory" -> Storage.MEMORY
        else -> refuse("a storage")
    }

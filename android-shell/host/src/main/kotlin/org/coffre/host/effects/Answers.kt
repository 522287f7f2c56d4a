// Answers as docs/host-api.md §3 has them. Rule: fields that a platform does not have are left out, never null.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.FileStat

/** An answer that is its kind and these fields; those whose value is null are left out. */
fun answer(
    kind: String,
    vararg fields: Pair<String, JsonElement?>,
): JsonObject = objectOf("kind" to JsonPrimitive(kind), *fields)

fun objectOf(vararg fields: Pair<String, JsonElement?>): JsonObject {
    val present = LinkedHashMap<String, JsonElement>()
    for ((name, value) in fields) if (value != null) present[name] = value
    return JsonObject(present)
}

internal fun json(text: String): JsonPrimitive = JsonPrimitive(text)

internal fun json(number: Number): JsonPrimitive = JsonPrimitive(number)

internal fun json(flag: Boolean): JsonPrimitive = JsonPrimitive(flag)

/** Text, or JSON's null. */
internal fun jsonOrNull(text: String?): JsonPrimitive = if (text == null) JsonNull else JsonPrimitive(text)

internal fun answerOf(none: Exchange.NoAnswer): JsonObject = answer("no-answer", "reason" to json(none.reason))

/** The fields of a response that every exchange has. */
internal fun responseFields(
    response: Exchange.Response,
    body: String?,
): Array<Pair<String, JsonElement?>> =
    arrayOf(
        "status" to json(response.status),
        "headers" to JsonObject(response.headers.mapValues { json(it.value) }),
        "body" to jsonOrNull(body),
        "elapsedMs" to json(response.elapsedMs),
    )

/** A stat as the border has it. */
fun statFields(stat: FileStat): Array<Pair<String, JsonElement?>> =
    arrayOf(
        "sizeBytes" to json(stat.sizeBytes),
        "mtimeS" to json(stat.modified.seconds),
        "mtimeUs" to json(stat.modified.microseconds),
        "ctimeS" to stat.changed?.let { json(it.seconds) },
        "ctimeUs" to stat.changed?.let { json(it.microseconds) },
        "mode" to stat.mode?.let { json(it) },
        "identity" to json(stat.identity),
    )

// The text of everything that crosses the border (docs/host-api.md H-1). Rule: ASCII only, so that no script engine and no
// pipe between can bend a character.

package org.coffre.host.runtime

import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The longest message in either direction, in characters (H-1). */
const val MESSAGE_CHARS = 524_288

/** The longest answer to an effect, in characters (docs/host-api.md §3). */
const val ANSWER_CHARS = 393_216

/** The object that [text] is in JSON, or null when it is none. */
fun parseJsonObject(text: String): JsonObject? =
    try {
        Json.parseToJsonElement(text) as? JsonObject
    } catch (_: SerializationException) {
        null
    }

/** The text of [json], or null when it is none. */
fun textOf(json: JsonElement?): String? = (json as? JsonPrimitive)?.takeIf { it.isString }?.content

/** [value] as JSON whose characters are all below U+007F; the others are written as `\uXXXX`. */
fun formatAsciiJson(value: JsonElement): String = StringBuilder().apply { appendJson(value) }.toString()

/** Appends [value] as [formatAsciiJson] writes it. */
fun StringBuilder.appendJson(value: JsonElement) {
    when (value) {
        is JsonNull -> {
            append("null")
        }

        is JsonPrimitive -> {
            if (value.isString) appendJsonText(value.content) else append(value.content)
        }

        is JsonArray -> {
            appendJoined('[', value, ']') { appendJson(it) }
        }

        is JsonObject -> {
            appendJoined('{', value.entries, '}') { (name, member) ->
                appendJsonText(name)
                append(':')
                appendJson(member)
            }
        }
    }
}

/** Appends [text] as a JSON string, lone surrogates included. */
fun StringBuilder.appendJsonText(text: String) {
    append('"')
    var plainFrom = 0
    for (at in text.indices) {
        val unit = text[at]
        if (unit in ' '..'~' && unit != '"' && unit != '\\') continue
        append(text, plainFrom, at)
        plainFrom = at + 1
        if (unit == '"' || unit == '\\') append('\\').append(unit) else appendUnit(unit)
    }
    append(text, plainFrom, text.length).append('"')
}

private fun StringBuilder.appendUnit(unit: Char) {
    append("\\u")
    for (shift in 12 downTo 0 step 4) append(Character.forDigit((unit.code shr shift) and 0xf, 16))
}

private fun <T> StringBuilder.appendJoined(
    opening: Char,
    items: Collection<T>,
    closing: Char,
    appendItem: (T) -> Unit,
) {
    append(opening)
    for ((index, item) in items.withIndex()) {
        if (index > 0) append(',')
        appendItem(item)
    }
    append(closing)
}

// The texts of Store calls (docs/host-api.md §1). Rule: a value that SQLite would keep as something else is refused.

package org.coffre.host.store

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.ports.SqlValue
import org.coffre.host.runtime.appendJsonText
import java.util.Base64

/** A call that does not say what it should; the message quotes nothing of it. */
internal class RefusedCall(
    message: String,
) : Exception(message)

/** One call: [params] for a single statement, [rows] for many. */
internal class StoreCall(
    val sql: String,
    val params: List<SqlValue>,
    val rows: List<List<SqlValue>>,
)

private const val LARGEST_INTEGER = 9_007_199_254_740_992L

/** Reads a call. Throws [RefusedCall], or a SerializationException when [text] is not JSON. */
internal fun parseStoreCall(text: String): StoreCall {
    val call = Json.parseToJsonElement(text) as? JsonObject ?: throw RefusedCall("expected an object")
    val sql = call["sql"] as? JsonPrimitive
    if (sql == null || !sql.isString) throw RefusedCall("expected sql as text")
    return StoreCall(sql.content, toRow(call["params"]), toArray(call["rows"]).map(::toRow))
}

private fun toRow(element: JsonElement?): List<SqlValue> = toArray(element).map(::toSql)

private fun toArray(element: JsonElement?): List<JsonElement> =
    if (element == null) emptyList() else element as? JsonArray ?: throw RefusedCall("expected an array")

private fun toSql(element: JsonElement): SqlValue =
    when (element) {
        is JsonNull -> SqlValue.Null
        is JsonPrimitive -> if (element.isString) toText(element.content) else toInteger(element.content)
        is JsonObject -> toBytes(element["b64"])
        is JsonArray -> throw RefusedCall("expected a value")
    }

private fun toInteger(digits: String): SqlValue {
    val value = digits.toLongOrNull() ?: throw RefusedCall("expected an integer")
    if (value !in -LARGEST_INTEGER..LARGEST_INTEGER) throw RefusedCall("expected an integer within 2^53")
    return SqlValue.Integer(value)
}

/** SQLite keeps text as UTF-8, which has no lone surrogates. */
private fun toText(text: String): SqlValue {
    var at = 0
    while (at < text.length) {
        val isPair = text[at].isHighSurrogate() && at + 1 < text.length && text[at + 1].isLowSurrogate()
        if (text[at].isSurrogate() && !isPair) throw RefusedCall("expected text without lone surrogates")
        at += if (isPair) 2 else 1
    }
    return SqlValue.Text(text)
}

private fun toBytes(base64: JsonElement?): SqlValue {
    if (base64 !is JsonPrimitive || !base64.isString) throw RefusedCall("expected bytes as b64")
    return try {
        SqlValue.Bytes(Base64.getDecoder().decode(base64.content))
    } catch (_: IllegalArgumentException) {
        throw RefusedCall("expected bytes in base64")
    }
}

/** Appends a row as the engine reads it. Throws [RefusedCall] for an integer that a script would round. */
internal fun StringBuilder.appendRow(row: List<SqlValue>) {
    append('[')
    for ((index, value) in row.withIndex()) {
        if (index > 0) append(',')
        when (value) {
            SqlValue.Null -> {
                append("null")
            }

            is SqlValue.Integer -> {
                appendInteger(value.value)
            }

            is SqlValue.Text -> {
                appendJsonText(value.value)
            }

            is SqlValue.Bytes -> {
                append(
                    "{\"b64\":\"",
                ).append(Base64.getEncoder().encodeToString(value.value)).append("\"}")
            }
        }
    }
    append(']')
}

private fun StringBuilder.appendInteger(value: Long) {
    if (value !in -LARGEST_INTEGER..LARGEST_INTEGER) throw RefusedCall("expected an integer within 2^53 in a row")
    append(value)
}

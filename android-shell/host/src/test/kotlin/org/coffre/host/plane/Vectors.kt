// The shared vectors (conformance-tests/vectors). Rule: they are read from where the engine's tests read them, never copied.

package org.coffre.host.plane

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.ports.decodeHex
import java.nio.file.Files
import java.nio.file.Paths

/** One vector. [expected] is null when the input is to be refused. */
class Vector(
    val says: String,
    val input: JsonObject,
    val expected: JsonObject?,
) {
    override fun toString() = says
}

private val FOLDER = Paths.get("../../conformance-tests/vectors")

/** The file of an area. */
fun readVectorFile(area: String): JsonObject =
    Json.parseToJsonElement(Files.readAllBytes(FOLDER.resolve("$area.json")).toString(Charsets.UTF_8)) as JsonObject

/** The vectors of an area; there is at least one. */
fun readVectors(area: String): List<Vector> =
    (readVectorFile(area)["tests"] as JsonArray)
        .map { it as JsonObject }
        .map { test ->
            val isRefused = test.string("result") == "refuse"
            Vector(
                "${test["id"]} ${test.string("comment")}",
                test["input"] as JsonObject,
                if (isRefused) null else test["expected"] as JsonObject,
            )
        }.also { check(it.isNotEmpty()) { "no vectors for $area" } }

fun JsonObject.string(name: String): String = stringOrNull(name) ?: error("expected text in $name")

fun JsonObject.stringOrNull(name: String): String? =
    this[name]
        .takeUnless {
            it is JsonNull
        }?.let { (it as JsonPrimitive).content }

fun JsonObject.int(name: String): Long = (getValue(name) as JsonPrimitive).content.toLong()

fun JsonObject.hex(name: String): ByteArray = decodeHex(string(name)) ?: error("expected hex in $name")

/** Bytes as a literal of the border has them. */
fun jsonBytes(bytes: ByteArray): JsonElement =
    JsonPrimitive(
        java.util.Base64
            .getEncoder()
            .encodeToString(bytes),
    )

// How many files are where, in words. Rule: a person sees every reason and every rule, and some names of what waits.

package org.coffre.host.command

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.longOrNull
import org.coffre.host.runtime.textOf

private const val NAMES = 10

/** Lines for synced, waiting (by reason) and excluded (by rule). */
internal fun sayCounts(
    counts: JsonObject,
    files: List<JsonObject>,
): List<String> {
    val lines =
        arrayListOf(
            "Synced    ${showCount(counts.number("filesSynced"), "file")}, ${showBytes(counts.number("bytesSynced"))}",
        )
    if (counts.number("filesWaiting") > 0) {
        lines +=
            "Waiting   ${showCount(counts.number("filesWaiting"), "file")}, ${showBytes(counts.number("bytesWaiting"))}"
        for (group in counts.objects("waiting")) lines += sayWaiting(group, files)
    }
    if (counts.number("filesExcluded") > 0) {
        lines += "Excluded  ${showCount(counts.number("filesExcluded"), "file")}"
        for (group in counts.objects("excluded")) {
            lines += "  ${showCount(group.number("files"), "file")} by ${showName(group.text("rule").orEmpty())}"
        }
    }
    return lines
}

private fun sayWaiting(
    group: JsonObject,
    files: List<JsonObject>,
): List<String> {
    val reason = group.text("reason").orEmpty()
    val count = group.number("files")
    val named = files.filter { it.text("reason") == reason }
    val lines = arrayListOf("  ${showCount(count, "file")}: ${WAITING_WORDS[reason] ?: reason}")
    for (file in named.take(NAMES)) {
        lines +=
            "    ${showName(joinPlace(file.text("root").orEmpty(), file.text("path").orEmpty()))}"
    }
    if (count > NAMES && named.size >= NAMES) lines += "    …"
    return lines
}

/** A root and a path below it, as `restore` takes them. */
internal fun joinPlace(
    root: String,
    path: String,
): String = if (path.isEmpty()) root else "$root/$path"

/** The text in [name], or null when there is none. */
internal fun JsonObject.text(name: String): String? = textOf(this[name])

/** The integer in [name], 0 when there is none. */
internal fun JsonObject.number(name: String): Long = (this[name] as? JsonPrimitive)?.longOrNull ?: 0

/** The objects in the array [name]. */
internal fun JsonObject.objects(name: String): List<JsonObject> =
    (this[name] as? JsonArray).orEmpty().filterIsInstance<JsonObject>()

/** The object in [name], empty when there is none. */
internal fun JsonObject.child(name: String): JsonObject = this[name] as? JsonObject ?: JsonObject(emptyMap())

/** All but the fields [names]. */
internal fun JsonObject.without(vararg names: String): Map<String, JsonElement> = filterKeys { it !in names }

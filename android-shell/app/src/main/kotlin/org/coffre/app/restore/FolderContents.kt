// What lies in one folder of the vault, gathered from the engine's pieces, which tell all that is below it. Rule: what is kept is one
// row for each name in the folder, however much lies behind it.

package org.coffre.app.restore

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.longOrNull
import org.coffre.app.session.text

private const val MS_PER_S = 1_000
private const val US_PER_MS = 1_000

/** Gathers views `listing` (docs/host-api.md §5) of [place]. One thread. */
internal class FolderContents(
    private val place: VaultPlace,
) {
    private val items = LinkedHashMap<VaultPlace, VaultItem>()

    /** Takes a view; one that is something else is left alone. */
    fun take(view: JsonObject) {
        for (entry in view.entries()) add(entry)
    }

    /** Folders by name, then files, the newest first. */
    fun list(): List<VaultItem> =
        items.values.sortedWith(
            compareByDescending<VaultItem> { it.isFolder }
                .thenByDescending { it.changedMs ?: 0 }
                .thenBy { it.place.name.lowercase() },
        )

    private fun add(entry: JsonObject) {
        val device = entry.text("device") ?: return
        val root = entry.text("root") ?: return
        val path = entry.text("path") ?: return
        val child = childOf(VaultPlace(device, root, path)) ?: return
        val isItself = child.path == path && child.root == place.root
        val isFolder = !isItself || entry.text("kind") == "folder"
        val isFile = entry.text("kind") != "folder"
        val before = items[child] ?: VaultItem(child, isFolder, 0, 0, null)
        items[child] =
            before.copy(
                isFolder = isFolder || before.isFolder,
                files = before.files + if (isFile) 1 else 0,
                sizeBytes = before.sizeBytes + if (isFile) entry.number("sizeBytes") else 0,
                changedMs = if (isFolder) null else changedMsOf(entry),
            )
    }

    /** The name in this folder behind which [entry] lies; null for the folder itself. */
    private fun childOf(entry: VaultPlace): VaultPlace? {
        if (place.root == null) return entry.copy(path = "")
        val before = if (place.path.isEmpty()) "" else "${place.path}/"
        if (!entry.path.startsWith(before) || entry.path.length == before.length) return null
        val name = entry.path.substring(before.length).substringBefore('/')
        return entry.copy(path = before + name)
    }
}

/** Gathers the versions of one file. */
internal class VersionList(
    private val file: VaultPlace,
) {
    private val found = ArrayList<FileVersion>()

    fun take(view: JsonObject) {
        for (entry in view.entries()) {
            if (entry.text("path") != file.path || entry.text("kind") == "folder") continue
            found +=
                FileVersion(
                    entry.number("sizeBytes"),
                    changedMsOf(entry),
                    entry.number("syncedAtMs"),
                    entry["untilMs"] is JsonNull,
                )
        }
    }

    /** The newest first. */
    fun list() = FileVersions(file, found.sortedByDescending { it.syncedAtMs })
}

internal fun JsonObject.number(name: String): Long = (this[name] as? JsonPrimitive)?.longOrNull ?: 0

private fun JsonObject.entries(): List<JsonObject> =
    if (text("kind") ==
        "listing"
    ) {
        (this["entries"] as? JsonArray).orEmpty().filterIsInstance<JsonObject>()
    } else {
        emptyList()
    }

private fun changedMsOf(entry: JsonObject): Long =
    entry.number("mtimeS") * MS_PER_S + entry.number("mtimeUs") / US_PER_MS

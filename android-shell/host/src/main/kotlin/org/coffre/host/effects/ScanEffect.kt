// `scan`: folders listed in the order of names (docs/host-api.md H-20). Rule: a folder that could not be listed whole is never
// called finished, and links are never followed.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileStat
import org.coffre.host.ports.Files
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.ListedName
import org.coffre.host.ports.Place
import org.coffre.host.ports.decodeUtf8
import org.coffre.host.ports.formatHex
import org.coffre.host.ports.splitPath
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.formatAsciiJson

private const val MOST_CHARS = 262_144

/** What stands around a folder's entries and path. */
private const val FOLDER_CHARS = 64

/** Carries out `scan` effects. */
class ScanEffect(
    private val files: Files,
    private val listings: FolderListings,
) {
    private val own = OwnFolders(files)

    fun perform(
        effect: JsonObject,
        cancellation: Cancellation,
    ): JsonObject {
        val locator = effect.text("root")
        val root = files.locate(locator)
        val before = statRoot(root) ?: return unavailable("vanished")
        if (before is Seen.Not) return unavailable(before.reason)
        if (own.isInside(root)) return unavailable("own-folder")
        val scan = Scan(locator, (before as Seen.Folder).stat, effect.count("entries"), cancellation)
        for (folder in effect.objects("folders")) {
            if (!scan.list(folder.text("path"), folder.textOrNull("after"))) break
        }
        // A root that went away meanwhile would look like folders whose files are gone.
        val after = statRoot(root) ?: return unavailable("vanished")
        if (after is Seen.Not) return unavailable(after.reason)
        val identity = before.stat.identity
        if ((after as Seen.Folder).stat.identity != identity) return unavailable("vanished")
        return answer(
            "scanned",
            "identity" to json(identity),
            "stat" to scan.rootStat,
            "folders" to JsonArray(scan.folders),
        )
    }

    private sealed interface Seen {
        class Folder(
            val stat: FileStat,
        ) : Seen

        class Not(
            val reason: String,
        ) : Seen
    }

    private fun unavailable(reason: String) = answer("root-unavailable", "reason" to json(reason))

    private fun statRoot(root: Place): Seen? =
        try {
            val stat = files.statFollowed(root)
            if (stat == null || stat.kind == FileKind.FOLDER) stat?.let(Seen::Folder) else Seen.Not("not-a-folder")
        } catch (fault: FileFault) {
            Seen.Not(failureOf(fault))
        }

    /** One answer in the making. */
    private inner class Scan(
        private val locator: String,
        private val root: FileStat,
        private var entriesLeft: Int,
        private val cancellation: Cancellation,
    ) {
        val rootStat = objectOf(*statFields(root))
        val folders = ArrayList<JsonElement>()
        private val plain = PlainFolders(files)
        private var chars = FOLDER_CHARS + formatAsciiJson(rootStat).length

        /** Lists a folder; false when the answer is full. */
        fun list(
            path: String,
            after: String?,
        ): Boolean {
            chars += FOLDER_CHARS + formatAsciiJson(json(path)).length
            if (folders.isNotEmpty() && (entriesLeft <= 0 || chars >= MOST_CHARS)) return false
            cancellation.check()
            return try {
                val folder = plain.find(locator, path)
                val stat = statOf(folder, path)
                val listing = listings.take(locator, path, after) { listNotOwn(folder) }
                listEntries(folder, path, stat, listing)
            } catch (_: OwnFolder) {
                folders += objectOf("path" to json(path), "own" to json(true))
                true
            } catch (fault: FileFault) {
                folders += objectOf("path" to json(path), "failed" to json(failureOf(fault)))
                true
            }
        }

        private fun statOf(
            folder: Place,
            path: String,
        ): FileStat {
            val stat = if (path.isEmpty()) files.statFollowed(folder) else files.stat(folder)
            if (stat == null) throw FileFault(FileReason.VANISHED)
            if (stat.kind != FileKind.FOLDER) throw FileFault(FileReason.NOT_A_FOLDER)
            return stat
        }

        /** Whether a folder lies on another disk than the one above it. */
        private fun isMounted(
            path: String,
            stat: FileStat,
        ): Boolean {
            val above = splitPath(path).dropLast(1)
            if (path.isEmpty() || stat.disk == null) return false
            val folder = if (above.isEmpty()) root else files.stat(plain.find(locator, above.joinToString("/")))
            val disk = folder?.disk
            return disk != null && disk != stat.disk
        }

        private fun listEntries(
            folder: Place,
            path: String,
            stat: FileStat,
            listing: Listing,
        ): Boolean {
            val entries = ArrayList<JsonElement>()
            while (true) {
                val listed = listing.peek() ?: break
                cancellation.check()
                val entry = describe(folder, listed)
                val entryChars = formatAsciiJson(entry).length + 1
                if (entriesLeft <= 0 || (chars + entryChars > MOST_CHARS && entries.isNotEmpty())) break
                entries += entry
                listing.advance()
                chars += entryChars
                entriesLeft--
            }
            // Another disk came or went meanwhile: the names may be those of either.
            if (statOf(folder, path).identity != stat.identity) throw FileFault(FileReason.VANISHED)
            val isEnd = listing.isEnd
            if (!isEnd) listings.put(locator, path, listing)
            folders +=
                objectOf(
                    "path" to json(path),
                    "identity" to stat.identity.takeIf { it.isNotEmpty() }?.let { json(it) },
                    "mounted" to json(true).takeIf { isMounted(path, stat) },
                    "partial" to json(true).takeIf { listing.isPartial },
                    "entries" to JsonArray(entries),
                    "end" to json(isEnd),
                )
            return isEnd
        }
    }

    private fun listNotOwn(folder: Place): FolderListing {
        val listing = files.list(folder)
        if (listing.names.any { it.name == OWN_MARK } && own.isMarked(folder)) throw OwnFolder()
        return listing
    }

    private fun describe(
        folder: Place,
        listed: ListedName,
    ): JsonObject {
        val name = listed.name
        return try {
            val place = folder.below(name)
            val stat = listed.stat ?: files.stat(place) ?: throw FileFault(FileReason.VANISHED)
            val target = if (stat.kind == FileKind.LINK) files.readLink(place) else null
            val text = target?.let { decodeUtf8(it) }
            objectOf(
                "name" to json(name),
                "kind" to json(stat.kind.text),
                *statFields(stat),
                "target" to text?.let { json(it) },
                "targetHex" to target?.takeIf { text == null }?.let { json(formatHex(it)) },
            )
        } catch (fault: FileFault) {
            objectOf("name" to json(name), "failed" to json(failureOf(fault)))
        }
    }

    private fun failureOf(fault: FileFault): String =
        when (fault.reason) {
            FileReason.VANISHED -> "vanished"
            FileReason.NOT_A_FOLDER -> "not-a-folder"
            FileReason.PERMISSION -> "permission"
            FileReason.NAME -> "too-long"
            else -> "io"
        }
}

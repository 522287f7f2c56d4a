// Photos and videos as a tree of folders, over MediaStore. Rule: one cursor tells a whole root with all its stats, and it is
// believed only while the owner lets the app see what it tells of.

package org.coffre.app.files

import android.content.Context
import android.content.res.AssetFileDescriptor
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import org.coffre.app.NewerApi
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileStat
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.ListedName
import org.coffre.host.ports.Place

/** How long what was told is believed where the platform does not say whether it changed. */
private const val FRESH_NS = 30_000_000_000

/** Roots of the form `media:VOLUME/FOLDER`. */
internal class MediaFiles(
    private val context: Context,
) : ReadOnlyFiles() {
    private val table = MediaTable(context)

    /** What one root held. */
    private class Snapshot(
        val root: MediaPlace,
        val generation: String?,
        val isPartial: Boolean,
        val rows: Map<String, MediaRow>,
    ) {
        val madeNs = System.nanoTime()

        /** The names in each folder that is not empty. */
        val folders: Map<String, Set<String>> =
            HashMap<String, MutableSet<String>>().also { folders ->
                for (path in rows.keys) {
                    var name = path
                    while ('/' in name) {
                        val above = name.substringBeforeLast('/')
                        if (!folders.getOrPut(above) { HashSet() }.add(name.substringAfterLast('/'))) break
                        name = above
                    }
                    if ('/' !in name) folders.getOrPut("") { HashSet() }.add(name)
                }
            }
    }

    private val snapshots = HashMap<MediaPlace, Snapshot>()

    override fun locate(locator: String): Place {
        val root = MediaPlace.parse(locator)
        synchronized(snapshots) { if (root !in snapshots) snapshots[root] = Snapshot(root, NEVER, true, emptyMap()) }
        return root
    }

    override fun stat(place: Place): FileStat? {
        place as MediaPlace
        if (!table.hasVolume(place.volume)) return null
        if (forgetOld(place)) return statOfFolder(place)
        // What is remembered says which row it is; how the file is now, that row says itself.
        val known = remembered(place) ?: look(place).rows[place.path]
        if (known != null) return table.readRow(place, known.id)?.stat(place.volume)
        return if (place.path in look(place).folders) statOfFolder(place) else null
    }

    override fun list(folder: Place): FolderListing {
        folder as MediaPlace
        if (!table.hasVolume(folder.volume)) throw FileFault(FileReason.VANISHED)
        forgetOld(folder)
        val snapshot = look(folder)
        val names =
            snapshot.folders[folder.path].orEmpty().map { name ->
                val path = if (folder.path.isEmpty()) name else "${folder.path}/$name"
                ListedName(
                    name,
                    snapshot.rows[path]?.stat(folder.volume) ?: statOfFolder(MediaPlace(folder.volume, path)),
                )
            }
        return FolderListing(names, snapshot.isPartial)
    }

    override fun openToRead(file: Place): FileReading {
        file as MediaPlace
        val row = remembered(file) ?: look(file).rows[file.path] ?: throw FileFault(FileReason.VANISHED)
        // A copy without its place and time is not the photo: it waits until the owner allows the original.
        if (row.isImage && !MediaAccess.givesOriginals(context)) throw FileFault(FileReason.PERMISSION)
        return ProviderReading(askProvider { open(table.addressOf(file, row)) })
    }

    private fun open(address: Uri): AssetFileDescriptor? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            openOriginal(address)
        } else {
            context.contentResolver.openAssetFileDescriptor(address, "r")
        }

    /** Videos too may come in another format than theirs, unless one asks like this. */
    @NewerApi
    private fun openOriginal(address: Uri): AssetFileDescriptor? {
        val wish = Bundle().apply { putBoolean(MediaStore.EXTRA_ACCEPT_ORIGINAL_MEDIA_FORMAT, true) }
        return context.contentResolver.openTypedAssetFileDescriptor(address, "*/*", wish)
    }

    /**
     * Whether [place] is a root. A scan begins with it: where Android does not say whether anything changed, what was told
     * before is then of no use.
     */
    private fun forgetOld(place: MediaPlace): Boolean {
        val generation = table.readGeneration(place.volume)
        synchronized(snapshots) {
            val kept = snapshots[place] ?: return false
            if (generation == null &&
                kept.generation == null
            ) {
                snapshots[place] = Snapshot(place, NEVER, true, kept.rows)
            }
            return true
        }
    }

    /** The row that the last listing had for a file, however old it is. */
    private fun remembered(file: MediaPlace): MediaRow? =
        synchronized(snapshots) { snapshots[rootOf(file)]?.rows?.get(file.path) }

    private fun rootOf(place: MediaPlace): MediaPlace =
        snapshots.keys.filter { holds(it, place) }.maxByOrNull { it.path.length } ?: place

    /** The snapshot of the root that holds [place], made anew when the volume changed. */
    private fun look(place: MediaPlace): Snapshot {
        val generation = table.readGeneration(place.volume)
        synchronized(snapshots) {
            val root = rootOf(place)
            val kept = snapshots[root]
            val isFresh =
                kept != null && kept.generation == generation &&
                    (generation != null || System.nanoTime() - kept.madeNs < FRESH_NS)
            // What the owner withdrew since then is not told, whatever is remembered.
            if (MediaAccess.read(context) == MediaAccess.NONE) throw FileFault(FileReason.PERMISSION)
            if (kept != null && isFresh) return kept
            return readSnapshot(root, generation).also { snapshots[root] = it }
        }
    }

    private fun readSnapshot(
        root: MediaPlace,
        generation: String?,
    ): Snapshot {
        val before = MediaAccess.read(context)
        val rows = table.readRows(root)
        val after = MediaAccess.read(context)
        if (after == MediaAccess.NONE) throw FileFault(FileReason.PERMISSION)
        return Snapshot(root, generation, before != MediaAccess.FULL || after != MediaAccess.FULL, rows)
    }

    private fun holds(
        root: MediaPlace,
        place: MediaPlace,
    ): Boolean {
        val isBelow = root.path.isEmpty() || place.path == root.path || place.path.startsWith("${root.path}/")
        return root.volume == place.volume && isBelow
    }

    /** Folders are no rows of MediaStore: they have no times, and are the same for as long as they have their name. */
    private fun statOfFolder(place: MediaPlace) =
        FileStat(FileKind.FOLDER, 0, FileTimestamp(0, 0), null, null, "${place.volume}:${place.path}", place.volume)

    private companion object {
        /** No generation of any volume. */
        const val NEVER = "never"
    }
}

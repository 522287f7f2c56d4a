// Folders that are Coffre's own, by the mark in them (docs/host-api.md H-36). Rule: a file that merely has the mark's name is none,
// and what cannot be read is none.

package org.coffre.host.effects

import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.Files
import org.coffre.host.ports.Place
import java.io.File
import java.io.IOException

/** The mark's name. */
internal const val OWN_MARK = ".coffre-own"

private val LINE = "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n".toByteArray(Charsets.US_ASCII)
private const val MOST_BYTES = 1_024L

/** Marks a folder as Coffre's own, where that is possible: a folder without a mark works all the same. */
fun markOwnFolder(folder: File) {
    val mark = File(folder, OWN_MARK)
    try {
        // An empty one was left by a full disk, or a kill.
        if (mark.length() == 0L) mark.writeBytes(LINE)
        mark.setReadable(true, false)
    } catch (_: IOException) {
        // Full or read-only, or something else has the name, which is not ours to remove.
    }
}

/** Looks for marks. Any thread. */
internal class OwnFolders(
    private val files: Files,
) {
    /** Whether a folder holds a mark. */
    fun isMarked(folder: Place): Boolean =
        try {
            val mark = folder.below(OWN_MARK)
            val stat = files.stat(mark)
            stat?.kind == FileKind.FILE && stat.sizeBytes in LINE.size..MOST_BYTES && beginsWithLine(mark)
        } catch (_: FileFault) {
            false
        }

    /** Whether a root, or a folder above it, holds a mark. */
    fun isInside(root: Place): Boolean =
        try {
            isMarked(root) || files.foldersAbove(root).any(::isMarked)
        } catch (_: FileFault) {
            false
        }

    private fun beginsWithLine(mark: Place): Boolean {
        val bytes = ByteArray(LINE.size)
        val length = files.openToRead(mark).use { it.read(0, bytes, 0, bytes.size) }
        return length == bytes.size && bytes.contentEquals(LINE)
    }
}

/** A folder that was to be listed is Coffre's own. */
internal class OwnFolder : Exception()

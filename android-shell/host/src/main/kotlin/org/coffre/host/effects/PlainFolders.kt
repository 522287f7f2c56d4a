// The folders between a root and what lies below it (docs/host-api.md H-20, H-21). Rule: none of them is a link; the root's own
// locator may be one.

package org.coffre.host.effects

import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.Files
import org.coffre.host.ports.Place
import org.coffre.host.ports.splitPath

/** One effect's view of folders below roots: each is looked at once. One thread. */
internal class PlainFolders(
    private val files: Files,
) {
    private val roots = HashMap<String, Place>()
    private val seen = HashMap<Pair<String, List<String>>, Place>()

    /**
     * The place of [path] below the root [locator]. Throws FileFault `VANISHED` when a folder above it is a link, is no folder
     * or is not there, and RefusedEffect for texts that are no locator or no path.
     */
    fun find(
        locator: String,
        path: String,
    ): Place {
        val root = roots.getOrPut(locator) { files.locate(locator) }
        val names = splitPath(path)
        if (names.isEmpty()) return root
        return enter(locator, root, names.dropLast(1)).below(names.last())
    }

    private fun enter(
        locator: String,
        root: Place,
        names: List<String>,
    ): Place {
        if (names.isEmpty()) return root
        seen[locator to names]?.let { return it }
        val folder = enter(locator, root, names.dropLast(1)).below(names.last())
        if (files.stat(folder)?.kind != FileKind.FOLDER) throw FileFault(FileReason.VANISHED)
        seen[locator to names] = folder
        return folder
    }
}

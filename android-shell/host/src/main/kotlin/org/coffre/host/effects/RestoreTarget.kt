// The folder that a restore fills (docs/host-api.md H-25). Rule: every component above a name is looked at before the name is
// touched, and one that is a link stops the item: nothing is ever written outside.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.Files
import org.coffre.host.ports.Place
import org.coffre.host.ports.splitPath
import org.coffre.host.runtime.RefusedEffect

/** A name in the target, whose folder is there and is no link. */
internal class TargetName(
    val folder: Place,
    val place: Place,
)

/** Why an item was not done; [answer] is what the engine is told. */
internal class NotFinished(
    val answer: JsonObject,
) : Exception()

/** One batch's view of the target: folders that were looked at once are not looked at again before the batch ends. */
internal class RestoreTarget(
    private val files: Files,
    locator: String,
) {
    private val root = files.locate(locator)
    private val seen = HashMap<List<String>, Place>()

    /** Folders that were there and kept their owner from changing them, with the modes that they had. */
    private val opened = LinkedHashMap<Place, Int>()

    /** The folders in which names changed. */
    val touched = LinkedHashSet<Place>()

    init {
        files.makeFolders(root)
        seen[emptyList()] = root
    }

    /** The place of [path], making the folders above it. Throws NotFinished, FileFault. */
    fun find(path: String): TargetName {
        val names = splitNames(path)
        if (names.isEmpty()) throw NotFinished(REFUSED_NAME)
        val folder = enter(names.dropLast(1))
        return TargetName(folder, folder.below(names.last()))
    }

    /** The folder [path], made where it is missing, with those above it. Throws NotFinished, FileFault. */
    fun makeFolder(path: String): Place = enter(splitNames(path))

    private fun enter(names: List<String>): Place {
        seen[names]?.let { return it }
        val above = enter(names.dropLast(1))
        val folder = above.below(names.last())
        val kind =
            inFolder(above) {
                files.stat(folder)?.kind.also {
                    if (it == null) {
                        files.makeFolder(folder)
                        touched += above
                    }
                }
            }
        if (kind == FileKind.LINK) throw NotFinished(conflict("link-in-path"))
        if (kind != null && kind != FileKind.FOLDER) throw NotFinished(conflict("not-a-folder"))
        seen[names] = folder
        return folder
    }

    /** Does [work] in [folder], which is opened to its owner where its mode refuses that. Throws what [work] throws. */
    fun <T> inFolder(
        folder: Place,
        work: () -> T,
    ): T =
        try {
            work()
        } catch (fault: FileFault) {
            if (fault.reason != FileReason.PERMISSION || !openToOwner(folder)) throw fault
            work()
        }

    /** Gives the folders that were opened their modes back, those below before those above. */
    fun closeFolders() {
        for ((folder, mode) in opened.entries.reversed()) files.setMode(folder, mode)
        opened.clear()
    }

    private fun openToOwner(folder: Place): Boolean {
        val mode = files.stat(folder)?.mode ?: return false
        if (mode and OWNER_CHANGES == OWNER_CHANGES || folder in opened) return false
        files.setMode(folder, mode or OWNER_CHANGES)
        opened[folder] = mode
        return true
    }

    private fun splitNames(path: String): List<String> =
        try {
            splitPath(path)
        } catch (_: RefusedEffect) {
            throw NotFinished(REFUSED_NAME)
        }
}

private const val OWNER_CHANGES = 0x1c0
private val REFUSED_NAME = refused("name")

internal fun refused(reason: String): JsonObject = answer("refused", "reason" to json(reason))

internal fun conflict(reason: String): JsonObject = answer("conflict", "reason" to json(reason))

/** What a fault of the file system means for an item. */
internal fun notFinishedOf(fault: FileFault): JsonObject =
    when (fault.reason) {
        FileReason.NAME -> REFUSED_NAME
        FileReason.IS_A_FOLDER -> conflict("is-a-folder")
        FileReason.NO_SPACE -> answer("no-space")
        FileReason.PERMISSION -> refused("permission")
        else -> refused("io")
    }

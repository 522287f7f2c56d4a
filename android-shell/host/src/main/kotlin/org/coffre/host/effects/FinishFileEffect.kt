// `finish-file`: restored files, folders and links put into their places (docs/host-api.md H-25). Rule: a name appears only
// when what it names is on stable storage, and the answer comes when the name is too.
//
// The items of a batch are done in this order, so that few flushes serve many items: folders and links as they come, the
// files of a group prepared, flushed together, and placed; then folders' times, which placing would have changed, and modes,
// which may shut out their owner: what lies in those folders is on stable storage by then.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.Files
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place
import org.coffre.host.ports.decodeHex
import org.coffre.host.ports.encodeUtf8
import org.coffre.host.ports.splitPath
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.RefusedEffect
import java.util.UUID

private const val GROUP_FILES = 512
private const val OWNER_READS = 0x100
private const val OWNER_READS_AND_WRITES = 0x180
private val OK = answer("ok")
private val EXISTS = answer("exists")

/** Carries out a `finish-file` effect. */
fun finishFiles(
    files: Files,
    effect: JsonObject,
    cancellation: Cancellation,
): JsonObject {
    val items = effect.objects("items")
    return FinishBatch(files, effect.text("target"), effect.text("work"), items.size).use { batch ->
        for ((index, item) in items.withIndex()) {
            cancellation.check()
            batch.begin(index, item)
        }
        answer("finished", "items" to JsonArray(batch.end()))
    }
}

private class FinishBatch(
    private val files: Files,
    target: String,
    work: String,
    count: Int,
) : AutoCloseable {
    private class Prepared(
        val index: Int,
        val item: JsonObject,
        val name: TargetName,
        val from: Place,
        val isFlushed: Boolean,
    )

    private val work = files.locate(work)
    private val target = RestoreTarget(files, target)
    private val results = MutableList(count) { OK }
    private val times = ArrayList<Pair<Int, JsonObject>>()
    private val group = ArrayList<Prepared>()
    private val writes = WorkFiles(files, listOf(work))
    private val written = ArrayList<Int>()

    fun begin(
        index: Int,
        item: JsonObject,
    ) {
        when (item.text("kind")) {
            "file" -> {
                results[index] = attempt { prepare(index, item) }
                if (group.size >= GROUP_FILES) placeGroup()
            }

            "folder" -> {
                results[index] =
                    attempt {
                        target.makeFolder(item.text("path"))
                        OK
                    }
            }

            "folder-times" -> {
                times += index to item
            }

            "link" -> {
                results[index] = attempt { makeLink(item) }
            }

            "discard" -> {
                results[index] = attempt { discard(inWork(item.text("from"))) }
            }

            "write" -> {
                results[index] = attempt { inWork(item.text("to")).let { notWritten(writes.write(item)) } }
                written += index
            }

            else -> {
                refuse("an item")
            }
        }
    }

    fun end(): List<JsonObject> {
        val unflushed = writes.flush()
        for (index in written) if (results[index] == OK) results[index] = notWritten(unflushed)
        placeGroup()
        val folders = times.map { (index, item) -> Triple(index, item, makeFolder(index, item)) }
        files.flushFolders(target.touched)
        target.closeFolders()
        for ((index, item, folder) in folders) {
            if (folder != null) results[index] = attempt { finishFolder(folder, item) }
        }
        return results
    }

    override fun close() = writes.close()

    private fun notWritten(failure: String?): JsonObject =
        when (failure) {
            null -> OK
            "no-space" -> answer("no-space")
            else -> refused(failure)
        }

    /** The folder whose time an item gives, or null when there is none: the item's result says why. */
    private fun makeFolder(
        index: Int,
        item: JsonObject,
    ): Place? {
        var folder: Place? = null
        results[index] =
            attempt {
                folder = target.makeFolder(item.text("path"))
                OK
            }
        return folder
    }

    /** Gives the file in work its size, times and mode; it is placed with its group. */
    private fun prepare(
        index: Int,
        item: JsonObject,
    ): JsonObject {
        val name = target.find(item.text("path"))
        val given = item.textOrNull("from")
        val from = if (given == null) newName() else inWork(given)
        val mode = item.countOrNull("mode") ?: files.defaultMode(work)
        val sizeBytes = item.size("sizeBytes")
        // A file that was given its mode before a process ended may be closed to its owner.
        val there = if (given == null) null else files.stat(from)
        val isGone = given != null && there == null
        if (isGone) return if (isFinished(name.place, item)) OK else throw FileFault(FileReason.VANISHED)
        if (there != null && there.kind != FileKind.FILE) throw FileFault(FileReason.NOT_A_FILE)
        if ((there?.mode ?: OWNER_READS_AND_WRITES) and OWNER_READS_AND_WRITES != OWNER_READS_AND_WRITES) {
            files.setMode(from, OWNER_READS_AND_WRITES)
        }
        files.openToWrite(from, if (given == null) Opening.NEW else Opening.EXISTING).use { it.setSize(sizeBytes) }
        files.setTime(from, timeOf(item))
        // Flushing opens the file again, which its owner could not do then.
        val isReadable = mode and OWNER_READS != 0
        if (!isReadable) files.flushFiles(work, listOf(from))
        files.setMode(from, mode)
        group += Prepared(index, item, name, from, isFlushed = !isReadable)
        return OK
    }

    private fun placeGroup() {
        val prepared = group.toList()
        group.clear()
        if (prepared.isEmpty()) return
        files.flushFiles(work, prepared.filterNot { it.isFlushed }.map { it.from })
        for (file in prepared) {
            val isNew = file.item.textOrNull("from") == null
            val placed = attempt { place(file.from, file.name, file.item.isReplacing()) }
            val isOurs = placed == EXISTS && isNew && isFinished(file.name.place, file.item)
            results[file.index] = if (isOurs) OK else placed
            if (isNew && placed != OK) attempt { discard(file.from) }
            target.touched += file.name.folder
        }
    }

    /** Moves a file or link into its place; `exists` for what stands there, unless it is the same file, half moved. */
    private fun place(
        from: Place,
        name: TargetName,
        isReplacing: Boolean,
    ): JsonObject {
        val to = name.place
        if (isReplacing) {
            target.inFolder(name.folder) { files.replace(from, to) }
            return OK
        }
        try {
            target.inFolder(name.folder) { files.moveNew(from, to) }
        } catch (fault: FileFault) {
            if (fault.reason != FileReason.EXISTS) throw fault
            if (files.stat(from)?.identity != files.stat(to)?.identity) return EXISTS
            files.delete(from)
        }
        return OK
    }

    private fun makeLink(item: JsonObject): JsonObject {
        val name = target.find(item.text("path"))
        val bytes = targetOf(item)
        target.touched += name.folder
        if (item.isReplacing()) {
            val from = newName()
            files.makeLink(from, bytes)
            files.setTime(from, timeOf(item))
            val placed = attempt { place(from, name, isReplacing = true) }
            if (placed != OK) attempt { discard(from) }
            return placed
        }
        try {
            target.inFolder(name.folder) { files.makeLink(name.place, bytes) }
        } catch (fault: FileFault) {
            if (fault.reason != FileReason.EXISTS) throw fault
            // A link that says the same is ours, from before a process ended, or as good as ours.
            val isLink = files.stat(name.place)?.kind == FileKind.LINK
            if (!isLink || !files.readLink(name.place).contentEquals(bytes)) return EXISTS
        }
        files.setTime(name.place, timeOf(item))
        return OK
    }

    private fun finishFolder(
        folder: Place,
        item: JsonObject,
    ): JsonObject {
        files.finishFolder(folder, timeOf(item), item.countOrNull("mode"))
        return OK
    }

    /** Whether the file that an item would make is there already: its effect was carried out, and the answer was lost. */
    private fun isFinished(
        place: Place,
        item: JsonObject,
    ): Boolean {
        val stat = files.stat(place) ?: return false
        return stat.kind == FileKind.FILE && stat.sizeBytes == item.size("sizeBytes") &&
            stat.modified.isSameMicrosecond(timeOf(item))
    }

    private fun discard(place: Place): JsonObject {
        try {
            files.delete(place)
        } catch (fault: FileFault) {
            if (fault.reason != FileReason.VANISHED) throw fault
        }
        return OK
    }

    private fun attempt(work: () -> JsonObject): JsonObject =
        try {
            work()
        } catch (not: NotFinished) {
            not.answer
        } catch (fault: FileFault) {
            notFinishedOf(fault)
        }

    private fun inWork(path: String): Place =
        try {
            splitPath(path).fold(work) { place, name -> place.below(name) }
        } catch (_: RefusedEffect) {
            throw NotFinished(refused("name"))
        }

    /** A name in work that nobody has. */
    private fun newName(): Place {
        files.makeFolders(work)
        return work.below("new-${UUID.randomUUID()}")
    }

    private fun targetOf(item: JsonObject): ByteArray {
        val hex = item.textOrNull("targetHex")
        return (if (hex == null) encodeUtf8(item.text("target")) else decodeHex(hex)) ?: refuse("a target")
    }

    private fun timeOf(item: JsonObject) = FileTimestamp.of(item.number("mtimeS"), item.count("mtimeUs"))

    private fun JsonObject.isReplacing(): Boolean =
        when (text("existing")) {
            "replace" -> true
            "refuse" -> false
            else -> refuse("refuse or replace")
        }
}

// Files that grow under their temporary names (docs/host-api.md H-23). Rule: readable by their owner alone, never through a
// link, at the offset that is named.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileWriting
import org.coffre.host.ports.Files
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place
import org.coffre.host.ports.splitPath

/** Writes pieces below some roots; the file of the last piece stays open for the next. One thread. */
class WorkFiles(
    private val files: Files,
    private val roots: List<String>,
) : AutoCloseable {
    private data class Id(
        val root: Int,
        val path: String,
    )

    private val written = LinkedHashMap<Id, Place>()
    private var openId: Id? = null
    private var writing: FileWriting? = null

    /** What the file system said at closing, of what it had taken before. */
    private var lateFailure: String? = null

    /** Writes [bytes] at [offset], making the file and its folders; null when they are written, else why not. */
    fun write(
        root: Int,
        path: String,
        offset: Long,
        bytes: ByteSlice,
    ): String? =
        try {
            writeSparse(open(Id(root, path)), offset, bytes)
            null
        } catch (fault: FileFault) {
            writeFailureOf(fault)
        }

    /** Writes what a `write` item says below the first root; null, or why not. */
    fun write(item: JsonObject): String? {
        val bytes = item.bytes("bytes")
        val (to, offset) = item.text("to") to item.size("offset")
        write(0, to, offset, ByteSlice(bytes, 0, bytes.size))?.let { return it }
        if (!item.truth("ends")) return null
        return try {
            open(Id(0, to)).setSize(offset + bytes.size)
            null
        } catch (fault: FileFault) {
            writeFailureOf(fault)
        }
    }

    /**
     * Puts what was written on stable storage; the failure when that was not possible. The engine remembers for good what an
     * answer says, so a power cut must not make it untrue.
     */
    fun flush(): String? {
        close()
        lateFailure?.let { return it }
        return try {
            for ((root, ids) in written.keys.groupBy { it.root }) {
                files.flushFiles(files.locate(roots[root]), ids.map(written::getValue))
            }
            null
        } catch (fault: FileFault) {
            writeFailureOf(fault)
        }
    }

    override fun close() {
        try {
            writing?.close()
        } catch (fault: FileFault) {
            lateFailure = writeFailureOf(fault)
        }
        writing = null
        openId = null
    }

    private fun open(id: Id): FileWriting {
        writing?.let { if (openId == id) return it }
        close()
        val root = files.locate(roots.getOrNull(id.root) ?: refuse("the index of a root"))
        val names = splitPath(id.path)
        val file = names.fold(root) { place, name -> place.below(name) }
        val opened =
            try {
                files.openToWrite(file, Opening.EXISTING_OR_NEW)
            } catch (fault: FileFault) {
                if (fault.reason != FileReason.VANISHED) throw fault
                files.makeFolders(names.dropLast(1).fold(root) { place, name -> place.below(name) })
                files.openToWrite(file, Opening.EXISTING_OR_NEW)
            }
        writing = opened
        openId = id
        written[id] = file
        return opened
    }
}

/** Zeros are looked for in steps of this size, counted from the file's beginning. */
private const val BLOCK_BYTES = 65_536

/** Writes [bytes] at [offset]; whole blocks of zeros become holes. */
private fun writeSparse(
    writing: FileWriting,
    offset: Long,
    bytes: ByteSlice,
) {
    var written = 0
    var from = 0
    while (from < bytes.length) {
        val to = minOf(bytes.length, from + BLOCK_BYTES - ((offset + from) % BLOCK_BYTES).toInt())
        if (bytes.isZero(from, to)) {
            writing.write(offset + written, bytes.bytes, bytes.from + written, from - written)
            writing.writeZeros(offset + from, to - from)
            written = to
        }
        from = to
    }
    writing.write(offset + written, bytes.bytes, bytes.from + written, from - written)
}

/** Most blocks end the search at their first byte. */
private fun ByteSlice.isZero(
    begin: Int,
    end: Int,
): Boolean = (begin until end).all { bytes[from + it] == 0.toByte() }

/** Why bytes were not written, on the border. */
internal fun writeFailureOf(fault: FileFault): String =
    when (fault.reason) {
        FileReason.NO_SPACE -> "no-space"
        FileReason.PERMISSION -> "permission"
        else -> "io"
    }

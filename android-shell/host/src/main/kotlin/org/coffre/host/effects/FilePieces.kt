// Pieces of files by their keyed digest (docs/host-api.md H-22). Rule: bytes are given only after their digest was compared;
// those that were just hashed come from memory.

package org.coffre.host.effects

import org.coffre.host.plane.BODY_BYTES
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.HashedChunk
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.Files

/** A part of a plan that is a range of a file. */
internal class FilePart(
    val root: Int,
    val path: String,
    val offset: Long,
    val length: Int,
    val digest: String,
)

/** A piece, or why there is none. */
internal sealed interface Piece {
    /** Bytes with the digest asked for; good until the next piece is read. */
    class Bytes(
        val chunk: HashedChunk,
    ) : Piece

    /** `changed`, `vanished` or `unreadable`. */
    class Failed(
        val reason: String,
    ) : Piece
}

/** Reads the file parts of one plan; the file of the last part stays open for the next. One thread. */
internal class FilePieces(
    private val files: Files,
    private val sealing: Sealing,
    private val hashed: HashedBytes,
    private val roots: List<String>,
    private val slot: String,
    private val key: ByteArray,
) : AutoCloseable {
    private val plain = PlainFolders(files)
    private var room = ByteArray(0)
    private var openRoot = -1
    private var openPath = ""
    private var reading: FileReading? = null

    fun read(part: FilePart): Piece {
        val held = hashed.find(slot, part.digest)
        if (held != null && held.slice.length == part.length) return Piece.Bytes(held)
        if (part.length > BODY_BYTES) refuse("a part that fits a body")
        return try {
            readFile(part)
        } catch (fault: FileFault) {
            Piece.Failed(if (isGone(fault.reason)) "vanished" else "unreadable")
        }
    }

    override fun close() {
        reading?.close()
        reading = null
    }

    private fun readFile(part: FilePart): Piece {
        val from = open(part.root, part.path)
        if (room.size < part.length) room = ByteArray(part.length)
        if (from.read(part.offset, room, 0, part.length) < part.length) return Piece.Failed("changed")
        val slice = ByteSlice(room, 0, part.length)
        val sha256 = sealing.sha256(slice)
        val isRight = sealing.digestKeyed(key, sha256) == part.digest
        return if (isRight) Piece.Bytes(HashedChunk(slice, sha256)) else Piece.Failed("changed")
    }

    private fun open(
        root: Int,
        path: String,
    ): FileReading {
        reading?.let { if (openRoot == root && openPath == path) return it }
        close()
        val place = plain.find(roots.getOrNull(root) ?: refuse("the index of a root"), path)
        val stat = files.stat(place) ?: throw FileFault(FileReason.VANISHED)
        if (stat.kind != FileKind.FILE) throw FileFault(FileReason.NOT_A_FILE)
        return files.openToRead(place).also {
            reading = it
            openRoot = root
            openPath = path
        }
    }

    private fun isGone(reason: FileReason) = reason == FileReason.VANISHED || reason == FileReason.NOT_A_FOLDER
}

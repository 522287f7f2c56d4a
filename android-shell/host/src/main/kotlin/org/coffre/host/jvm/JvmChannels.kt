// Open files, and stats and times of names, by java.nio. Rule: what is read or written is exactly the range that was named.

package org.coffre.host.jvm

import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileStat
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.FileWriting
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.LinkOption
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributeView
import java.nio.file.attribute.FileTime
import java.time.Instant
import java.nio.file.Files as Nio

private const val ATTRIBUTES = "unix:mode,ino,dev,size,lastModifiedTime,ctime"
private const val MODE_BITS = 0xfff
private const val KIND_BITS = 0xf000

/** What a channel moves at once: java.nio keeps a buffer of this size for each thread. */
private const val MOVE_BYTES = 65_536

/** Reads one file. */
internal class JvmReading(
    private val path: Path,
    private val channel: FileChannel,
) : FileReading {
    override fun read(
        position: Long,
        into: ByteArray,
        at: Int,
        length: Int,
    ): Int =
        attempt(path) {
            var count = 0
            while (count < length) {
                val room = ByteBuffer.wrap(into, at + count, minOf(length - count, MOVE_BYTES))
                val came = channel.read(room, position + count)
                if (came < 0) break
                count += came
            }
            count
        }

    override fun close() = channel.close()
}

/** Writes one file. */
internal class JvmWriting(
    private val path: Path,
    private val channel: FileChannel,
) : FileWriting {
    override fun write(
        position: Long,
        bytes: ByteArray,
        from: Int,
        length: Int,
    ) = attempt(path) {
        var count = 0
        while (count < length) {
            val piece = ByteBuffer.wrap(bytes, from + count, minOf(length - count, MOVE_BYTES))
            count += channel.write(piece, position + count)
        }
    }

    override fun writeZeros(
        position: Long,
        length: Int,
    ) = attempt(path) {
        val sizeBytes = channel.size()
        if (sizeBytes < position + length) setSize(position + length)
        val there = ByteBuffer.allocate((sizeBytes - position).coerceIn(0, length.toLong()).toInt())
        do {
            val count = channel.read(there, position + there.position())
        } while (count > 0)
        if (there.array().any { it != 0.toByte() }) write(position, ByteArray(there.capacity()), 0, there.capacity())
    }

    override fun setSize(sizeBytes: Long) {
        attempt(path) {
            val now = channel.size()
            if (now > sizeBytes) channel.truncate(sizeBytes)
            // Writing the last byte makes zeros before it.
            if (now < sizeBytes) channel.write(ByteBuffer.allocate(1), sizeBytes - 1)
        }
    }

    override fun close() = attempt(path) { channel.close() }
}

/** The stat of a name. Throws what java.nio throws. */
fun readStat(
    path: Path,
    vararg options: LinkOption,
): FileStat {
    val found = Nio.readAttributes(path, ATTRIBUTES, *options)
    val mode = found["mode"] as Int
    return FileStat(
        kind = kindOf(mode),
        sizeBytes = found["size"] as Long,
        modified = timestampOf(found["lastModifiedTime"] as FileTime),
        changed = timestampOf(found["ctime"] as FileTime),
        mode = mode and MODE_BITS,
        identity = "${found["dev"]}-${found["ino"]}",
        disk = "${found["dev"]}",
    )
}

/** Sets both times of a name, which is not followed; to the nearest moment for one that no file system has. */
internal fun setTimes(
    path: Path,
    time: FileTimestamp,
) {
    val moment = FileTime.from(Instant.ofEpochSecond(time.seconds, time.nanoseconds.toLong()))
    Nio.getFileAttributeView(path, BasicFileAttributeView::class.java, NOFOLLOW_LINKS).setTimes(moment, moment, null)
}

private fun kindOf(mode: Int): FileKind =
    when (mode and KIND_BITS) {
        0x8000 -> FileKind.FILE
        0x4000 -> FileKind.FOLDER
        0xa000 -> FileKind.LINK
        0xc000 -> FileKind.SOCKET
        0x1000 -> FileKind.PIPE
        0x2000, 0x6000 -> FileKind.DEVICE
        else -> FileKind.UNKNOWN
    }

private fun timestampOf(time: FileTime): FileTimestamp {
    val instant = time.toInstant()
    return FileTimestamp(instant.epochSecond, instant.nano)
}

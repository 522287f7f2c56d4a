// A file that another app's provider hands over. Rule: what it gives is read where it says, and every failure of it is a FileFault.

package org.coffre.app.files

import android.content.res.AssetFileDescriptor
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileReason
import java.io.FileInputStream
import java.io.IOException
import java.nio.ByteBuffer

/** What a channel moves at once. */
private const val MOVE_BYTES = 65_536

/** Reads from an open descriptor, which is closed with it. */
internal class ProviderReading(
    private val descriptor: AssetFileDescriptor,
) : FileReading {
    private val channel = FileInputStream(descriptor.fileDescriptor).channel

    override fun read(
        position: Long,
        into: ByteArray,
        at: Int,
        length: Int,
    ): Int {
        try {
            var count = 0
            while (count < length) {
                val room = ByteBuffer.wrap(into, at + count, minOf(length - count, MOVE_BYTES))
                val came = channel.read(room, descriptor.startOffset + position + count)
                if (came < 0) break
                count += came
            }
            return count
        } catch (_: IOException) {
            // Also a pipe, which some providers give in the place of a file: it cannot be read at a position.
            throw FileFault(FileReason.IO)
        }
    }

    override fun close() {
        channel.close()
        descriptor.close()
    }
}

/** Runs a call to a provider, which may throw whatever it likes. */
internal inline fun <T> askProvider(call: () -> T?): T =
    try {
        call() ?: throw FileFault(FileReason.IO)
    } catch (fault: FileFault) {
        throw fault
    } catch (_: SecurityException) {
        throw FileFault(FileReason.PERMISSION)
    } catch (_: java.io.FileNotFoundException) {
        throw FileFault(FileReason.VANISHED)
    } catch (_: IOException) {
        throw FileFault(FileReason.IO)
    } catch (_: RuntimeException) {
        // Another app's exception, as it comes over the process border.
        throw FileFault(FileReason.IO)
    }

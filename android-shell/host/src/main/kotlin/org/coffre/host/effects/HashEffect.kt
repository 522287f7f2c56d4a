// `hash`: keyed digests of pieces of files (docs/host-api.md H-21). Rule: what is answered was true between two equal stats.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.Files
import org.coffre.host.ports.Place
import org.coffre.host.runtime.Cancellation

private const val MOST_CHUNKS = 3_000
private const val MOST_CHUNK_BYTES = 8 * 1024 * 1024

/** Carries out `hash` effects. */
internal class HashEffect(
    private val files: Files,
    private val slots: Slots,
    private val sealing: Sealing,
    private val hashed: HashedBytes,
) {
    fun perform(
        effect: JsonObject,
        cancellation: Cancellation,
    ): JsonObject {
        val slot = effect.text("key")
        val wanted = effect.objects("files")
        if (wanted.sumOf { it.size("count") } > MOST_CHUNKS) refuse("at most $MOST_CHUNKS chunks")
        val chunkBytes = effect.count("chunkBytes")
        if (chunkBytes !in 1..MOST_CHUNK_BYTES) refuse("chunks of 1 byte to 8 MiB")
        val answers =
            slots.use(slot) { key ->
                val hasher = Hasher(slot, key, chunkBytes, cancellation)
                wanted.map { hasher.hash(it) }
            } ?: refuse("a slot that is there")
        return answer("hashed", "files" to JsonArray(answers))
    }

    private inner class Hasher(
        private val slot: String,
        private val key: ByteArray,
        private val chunkBytes: Int,
        private val cancellation: Cancellation,
    ) {
        private val plain = PlainFolders(files)
        private var ownRoom = ByteArray(0)
        private val oneByte = ByteArray(1)

        fun hash(file: JsonObject): JsonObject =
            try {
                cancellation.check()
                hashFile(plain.find(file.text("root"), file.text("path")), file.size("first"), file.size("count"))
            } catch (fault: FileFault) {
                describe(fault.reason)
            }

        private fun hashFile(
            place: Place,
            first: Long,
            count: Long,
        ): JsonObject {
            val before = files.stat(place) ?: throw FileFault(FileReason.VANISHED)
            if (before.kind != FileKind.FILE) throw FileFault(FileReason.NOT_A_FILE)
            val digests = ArrayList<JsonElement>()
            var isTrue = true
            val from = Math.multiplyExact(first, chunkBytes.toLong())
            val end = minOf(before.sizeBytes, Math.multiplyExact(first + count, chunkBytes.toLong()))
            files.openToRead(place).use { reading ->
                for (at in from until end step chunkBytes.toLong()) {
                    cancellation.check()
                    val length = minOf(chunkBytes.toLong(), before.sizeBytes - at).toInt()
                    val digest = hashChunk(reading, at, length)
                    isTrue = digest != null
                    digests += json(digest ?: break)
                }
                // A byte behind the end: some file systems say 0, or what they knew last, of files that have content.
                val isWhole = isTrue && end == before.sizeBytes
                if (isWhole) isTrue = reading.read(end, oneByte, 0, 1) == 0
            }
            if (files.stat(place) != before) return CHANGED
            if (!isTrue) return unreadable("size")
            return answer("ok", "stat" to objectOf(*statFields(before)), "digests" to JsonArray(digests))
        }

        /** The digest of one chunk, whose bytes are kept for its upload; null when the file ended before it. */
        private fun hashChunk(
            reading: FileReading,
            position: Long,
            length: Int,
        ): String? {
            val reserved = hashed.reserve(length)
            val room = reserved ?: ownRoom(length)
            if (reading.read(position, room.bytes, room.from, length) < length) return null
            val sha256 = sealing.sha256(room)
            val digest = sealing.digestKeyed(key, sha256)
            if (reserved != null) hashed.keep(slot, digest, reserved, sha256)
            return digest
        }

        private fun ownRoom(length: Int): ByteSlice {
            if (ownRoom.size < length) ownRoom = ByteArray(length)
            return ByteSlice(ownRoom, 0, length)
        }
    }

    private fun describe(reason: FileReason): JsonObject =
        when (reason) {
            FileReason.VANISHED, FileReason.NOT_A_FOLDER -> answer("vanished")
            FileReason.PERMISSION -> unreadable("permission")
            FileReason.NOT_A_FILE, FileReason.IS_A_FOLDER -> unreadable("not-a-file")
            else -> unreadable("io")
        }

    private fun unreadable(reason: String) = answer("unreadable", "reason" to json(reason))

    private companion object {
        val CHANGED = answer("changed")
    }
}

// Builds the body of an upload by its plan (docs/host-api.md H-22). Rule: parts whose files are not what the plan says are all
// named, and then nothing else is built.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.HashedChunk
import org.coffre.host.plane.SEAL_BYTES
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.formatHex
import org.coffre.host.runtime.Cancellation

/** What building gave. */
internal sealed interface BuiltBody {
    /** [sha256] is the body's, in hex. */
    class Whole(
        val sha256: String,
    ) : BuiltBody

    /** The parts that failed, as the answer has them. */
    class Failed(
        val parts: List<JsonObject>,
    ) : BuiltBody
}

/** Builds one body into [buffer]. */
internal class BodyBuilder(
    private val slots: Slots,
    private val sealing: Sealing,
    private val pieces: FilePieces,
    private val buffer: ByteArray,
) {
    /** SHA-256 of the body as far as it stands: while it is in the processor's cache. */
    private val sha256 = sealing.crypto.makeSha256()
    private val failed = ArrayList<JsonObject>()
    private var at = 0

    fun build(
        plan: UploadPlan,
        cancellation: Cancellation,
    ): BuiltBody {
        for ((index, part) in plan.parts.withIndex()) {
            cancellation.check()
            val from = at
            when (part) {
                is PlannedPart.OfFile -> appendFile(index, part)
                is PlannedPart.Literal -> appendBytes(part.bytes, part.seal)
                is PlannedPart.Zeros -> if (failed.isEmpty()) appendBytes(ByteArray(part.sizeBytes.toInt()), part.seal)
            }
            sha256.update(buffer, from, at - from)
        }
        return if (failed.isEmpty()) BuiltBody.Whole(formatHex(sha256.digest())) else BuiltBody.Failed(failed)
    }

    private fun appendFile(
        index: Int,
        part: PlannedPart.OfFile,
    ) {
        when (val piece = pieces.read(part.piece)) {
            is Piece.Failed -> failed += objectOf("part" to json(index), "reason" to json(piece.reason))
            is Piece.Bytes -> append(piece.chunk, part.seal, part.piece.digest)
        }
    }

    private fun appendBytes(
        bytes: ByteArray,
        seal: PlannedSeal?,
    ) {
        val slice = ByteSlice(bytes, 0, bytes.size)
        append(HashedChunk(slice, if (seal == null) ByteArray(0) else sealing.sha256(slice)), seal, digest = null)
    }

    private fun append(
        chunk: HashedChunk,
        seal: PlannedSeal?,
        digest: String?,
    ) {
        if (failed.isNotEmpty()) return
        val slice = chunk.slice
        if (seal == null) {
            slice.bytes.copyInto(buffer, at, slice.from, slice.from + slice.length)
            at += slice.length
            return
        }
        val context = if (digest == null) seal.context else seal.context.replace("{digest}", digest)
        slots.use(seal.slot) { root -> sealing.seal(root, context, slice, chunk.sha256, buffer, at) }
            ?: refuse("a slot that is there to seal under")
        at += slice.length + SEAL_BYTES
    }
}

// The plan of an upload's body (docs/host-api.md H-22). Rule: it is read whole, and its size known, before a byte is built.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.BODY_BYTES
import org.coffre.host.plane.SEAL_BYTES

/** A slot and the context under which parts are sealed. */
internal class PlannedSeal(
    val slot: String,
    val context: String,
)

/** A part of a body; [seal] is null for bytes that go out as they are. */
internal sealed interface PlannedPart {
    val sizeBytes: Long
    val seal: PlannedSeal?

    class OfFile(
        val piece: FilePart,
        override val seal: PlannedSeal?,
    ) : PlannedPart {
        override val sizeBytes get() = piece.length.toLong()
    }

    class Literal(
        val bytes: ByteArray,
        override val seal: PlannedSeal?,
    ) : PlannedPart {
        override val sizeBytes get() = bytes.size.toLong()
    }

    class Zeros(
        override val sizeBytes: Long,
        override val seal: PlannedSeal?,
    ) : PlannedPart
}

/** A body in the making: [key] is the slot of the digests that file parts must have, [sizeBytes] that of the whole body. */
internal class UploadPlan private constructor(
    val roots: List<String>,
    val key: String?,
    val parts: List<PlannedPart>,
    val sizeBytes: Int,
) {
    companion object {
        /** Reads a plan. Throws RefusedEffect when it is malformed, or makes a body of more than 8 MiB. */
        fun read(effect: JsonObject): UploadPlan {
            val seals = effect.objects("seals").map { PlannedSeal(it.text("slot"), it.text("context")) }
            val parts = effect.objects("parts").map { readPart(it, seals) }
            val sizeBytes = parts.sumOf { it.sizeBytes + if (it.seal == null) 0 else SEAL_BYTES }
            if (sizeBytes > BODY_BYTES) refuse("a body of at most $BODY_BYTES bytes")
            return UploadPlan(effect.texts("roots"), effect.textOrNull("key"), parts, sizeBytes.toInt())
        }

        private fun readPart(
            part: JsonObject,
            seals: List<PlannedSeal>,
        ): PlannedPart {
            val seal = part.countOrNull("seal")?.let { seals.getOrNull(it) ?: refuse("the index of a seal") }
            return when {
                "bytes" in part -> PlannedPart.Literal(part.bytes("bytes"), seal)
                "zeros" in part -> PlannedPart.Zeros(part.size("zeros"), seal)
                else -> PlannedPart.OfFile(readFilePart(part), seal)
            }
        }

        private fun readFilePart(part: JsonObject) =
            FilePart(
                root = part.count("root"),
                path = part.text("path"),
                offset = part.size("offset"),
                length = part.count("length"),
                digest = part.text("digest"),
            )
    }
}

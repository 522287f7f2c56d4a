// `upload`: a body built by its plan and sent in one exchange (docs/host-api.md H-22). Rule: nothing is sent before the whole
// body is right; its memory is one array of the pool.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.BODY_BYTES
import org.coffre.host.plane.BodyBuffers
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.SEAL_BYTES
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Files
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.ports.formatHex
import org.coffre.host.runtime.Cancellation

private const val ANSWER_BYTES = 65_536
private val HEADERS = mapOf("accept" to "application/json", "content-type" to "application/octet-stream")

/** Carries out `upload` effects. */
internal class UploadEffect(
    private val files: Files,
    private val http: Http,
    private val slots: Slots,
    private val sealing: Sealing,
    private val hashed: HashedBytes,
    private val buffers: BodyBuffers,
    private val lane: Lane,
) {
    fun perform(
        effect: JsonObject,
        cancellation: Cancellation,
    ): JsonObject {
        val plan = readPlan(effect)
        return buffers.use(cancellation) { buffer ->
            val built = lane.run(cancellation) { build(plan, buffer, cancellation) }
            if (built is Built.Failed) return@use answer("part-failed", "parts" to JsonArray(built.parts))
            send(effect, ByteSlice(buffer, 0, plan.sizeBytes), (built as Built.Body).sha256, cancellation)
        }
    }

    private fun send(
        effect: JsonObject,
        body: ByteSlice,
        sha256: String,
        cancellation: Cancellation,
    ): JsonObject {
        val receiver = TextReceiver(ANSWER_BYTES, refusesMore = false)
        val question =
            Question(
                server = readServer(effect),
                method = effect.text("method"),
                path = effect.text("path").replace("{sha256}", sha256),
                bearer = effect.textOrNull("bearer"),
                headers = HEADERS,
                body = body,
                timeoutMs = effect.size("timeoutMs"),
                rateBytesPerS = effect.numberOrNull("rateBytesPerS"),
            )
        return when (val end = http.exchange(question, receiver, cancellation)) {
            is Exchange.NoAnswer -> answerOf(end)
            is Exchange.Response ->
                answer(
                    "response",
                    *responseFields(end, receiver.text()),
                    "sha256" to json(sha256),
                    "sizeBytes" to json(body.length),
                )
        }
    }

    private class Seal(
        val slot: String,
        val context: String,
    )

    private sealed interface Part {
        val sizeBytes: Long
        val seal: Seal?

        class OfFile(
            val piece: FilePart,
            override val seal: Seal?,
        ) : Part {
            override val sizeBytes get() = piece.length.toLong()
        }

        class Literal(
            val bytes: ByteArray,
            override val seal: Seal?,
        ) : Part {
            override val sizeBytes get() = bytes.size.toLong()
        }

        class Zeros(
            override val sizeBytes: Long,
            override val seal: Seal?,
        ) : Part
    }

    private class Plan(
        val roots: List<String>,
        val key: String?,
        val parts: List<Part>,
        val sizeBytes: Int,
    )

    private sealed interface Built {
        class Body(
            val sha256: String,
        ) : Built

        class Failed(
            val parts: List<JsonObject>,
        ) : Built
    }

    private fun readPlan(effect: JsonObject): Plan {
        val seals = effect.objects("seals").map { Seal(it.text("slot"), it.text("context")) }
        val parts = effect.objects("parts").map { readPart(it, seals) }
        val size = parts.sumOf { it.sizeBytes + if (it.seal == null) 0 else SEAL_BYTES }
        if (size > BODY_BYTES) refuse("a body of at most $BODY_BYTES bytes")
        return Plan(effect.texts("roots"), effect.textOrNull("key"), parts, size.toInt())
    }

    private fun readPart(
        part: JsonObject,
        seals: List<Seal>,
    ): Part {
        val seal = part.countOrNull("seal")?.let { seals.getOrNull(it) ?: refuse("the index of a seal") }
        return when {
            "bytes" in part -> Part.Literal(part.bytes("bytes"), seal)
            "zeros" in part -> Part.Zeros(part.size("zeros"), seal)
            else ->
                Part.OfFile(
                    FilePart(part.count("root"), part.text("path"), part.size("offset"), part.count("length"), part.text("digest")),
                    seal,
                )
        }
    }

    /** Fills [buffer]; the body's SHA-256, or the parts whose files are not what the plan says, all of them. */
    private fun build(
        plan: Plan,
        buffer: ByteArray,
        cancellation: Cancellation,
    ): Built {
        val hasFiles = plan.parts.any { it is Part.OfFile }
        val key = plan.key?.let { slots.find(it) }
        if (hasFiles && key == null) refuse("a slot that is there for keyed digests")
        val pieces = FilePieces(files, sealing, hashed, plan.roots, plan.key.orEmpty(), key ?: ByteArray(0))
        try {
            return pieces.use { fill(plan, it, buffer, cancellation) }
        } finally {
            key?.fill(0)
        }
    }

    private fun fill(
        plan: Plan,
        pieces: FilePieces,
        buffer: ByteArray,
        cancellation: Cancellation,
    ): Built {
        val sha256 = sealing.crypto.makeSha256()
        val failed = ArrayList<JsonObject>()
        var at = 0
        for ((index, part) in plan.parts.withIndex()) {
            cancellation.check()
            val from = at
            when (part) {
                is Part.OfFile ->
                    when (val piece = pieces.read(part.piece)) {
                        is Piece.Failed -> failed += objectOf("part" to json(index), "reason" to json(piece.reason))
                        is Piece.Bytes ->
                            if (failed.isEmpty()) {
                                at = append(buffer, at, piece.chunk.slice, part.seal, piece.chunk.sha256, part.piece.digest)
                            }
                    }
                is Part.Literal ->
                    if (failed.isEmpty()) at = append(buffer, at, ByteSlice(part.bytes, 0, part.bytes.size), part.seal, null, null)
                is Part.Zeros -> if (failed.isEmpty()) at = appendZeros(buffer, at, part)
            }
            sha256.update(buffer, from, at - from)
        }
        return if (failed.isEmpty()) Built.Body(formatHex(sha256.digest())) else Built.Failed(failed)
    }

    private fun appendZeros(
        buffer: ByteArray,
        at: Int,
        part: Part.Zeros,
    ): Int = append(buffer, at, ByteSlice(ByteArray(part.sizeBytes.toInt()), 0, part.sizeBytes.toInt()), part.seal, null, null)

    private fun append(
        buffer: ByteArray,
        at: Int,
        slice: ByteSlice,
        seal: Seal?,
        knownSha256: ByteArray?,
        digest: String?,
    ): Int {
        if (seal == null) {
            slice.bytes.copyInto(buffer, at, slice.from, slice.from + slice.length)
            return at + slice.length
        }
        val context = if (digest == null) seal.context else seal.context.replace("{digest}", digest)
        slots.use(seal.slot) { root ->
            sealing.seal(root, context, slice, knownSha256 ?: sealing.sha256(slice), buffer, at)
        } ?: refuse("a slot that is there to seal under")
        return at + slice.length + SEAL_BYTES
    }
}

// `upload`: a body built by its plan and sent in one exchange (docs/host-api.md H-22). Rule: nothing is sent before the whole
// body is right; its memory is one array of the pool.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.BodyBuffers
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Files
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.runtime.Cancellation
import java.security.MessageDigest

private const val ANSWER_BYTES = 65_536

/** Audits count a body in steps of this. */
private const val PIECE_BYTES = 65_536
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
        val plan = UploadPlan.read(effect)
        return buffers.use(cancellation) { buffer ->
            when (val built = lane.run(cancellation) { build(plan, buffer, cancellation) }) {
                is BuiltBody.Failed -> answer("part-failed", "parts" to JsonArray(built.parts))
                is BuiltBody.Whole -> send(effect, ByteSlice(buffer, 0, plan.sizeBytes), built.sha256, cancellation)
            }
        }
    }

    private fun build(
        plan: UploadPlan,
        buffer: ByteArray,
        cancellation: Cancellation,
    ): BuiltBody {
        val key = plan.key?.let { slots.find(it) }
        if (key == null && plan.parts.any { it is PlannedPart.OfFile }) refuse("a slot that is there for keyed digests")
        val pieces = FilePieces(files, sealing, hashed, plan.roots, plan.key.orEmpty(), key ?: ByteArray(0))
        try {
            return pieces.use { BodyBuilder(slots, sealing, it, buffer).build(plan, cancellation) }
        } finally {
            key?.fill(0)
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
        val end = http.exchange(question, receiver, cancellation)
        if (end !is Exchange.Response) return answerOf(end as Exchange.NoAnswer)
        val own = arrayOf("sha256" to json(sha256), "sizeBytes" to json(body.length))
        return answer("response", *responseFields(end, receiver.text()), *own, *answerAudits(effect, body))
    }

    /** What the server would answer to the questions about the body (H-39). */
    private fun answerAudits(
        effect: JsonObject,
        body: ByteSlice,
    ): Array<Pair<String, JsonElement>> {
        if ("audits" !in effect) return emptyArray()
        val answers =
            effect.objects("audits").map {
                val from = minOf(it.size("piece") * PIECE_BYTES, body.length.toLong()).toInt()
                val digest = MessageDigest.getInstance("SHA-256")
                digest.update(it.bytes("nonce"))
                digest.update(body.bytes, body.from + from, minOf(PIECE_BYTES, body.length - from))
                json(formatBase64(digest.digest()))
            }
        return arrayOf("answers" to JsonArray(answers))
    }
}

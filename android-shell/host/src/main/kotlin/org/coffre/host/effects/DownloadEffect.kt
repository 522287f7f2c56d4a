// `download`: one exchange whose body is opened part by part (docs/host-api.md H-23). Rule: only authentic bytes, of the content
// that their context names, are written or answered, whatever the body's SHA-256 says; what has no seal has to have that SHA-256.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.plane.BODY_BYTES
import org.coffre.host.plane.BodyBuffers
import org.coffre.host.plane.Opened
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Files
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.ports.formatHex
import org.coffre.host.runtime.Cancellation

private const val TEXT_BYTES = 65_536
private const val MOST_BYTES = 64 * 1024 * 1024
private const val OK = 200
private const val PARTIAL = 206
private val CONTENT_RANGE = Regex("bytes ([0-9]{1,15})-.*")

/** Carries out `download` effects. */
internal class DownloadEffect(
    private val files: Files,
    private val http: Http,
    private val slots: Slots,
    private val sealing: Sealing,
    private val buffers: BodyBuffers,
) {
    fun perform(
        effect: JsonObject,
        cancellation: Cancellation,
    ): JsonObject {
        val maxBytes = effect.count("maxBytes")
        if (maxBytes > MOST_BYTES) refuse("at most $MOST_BYTES bytes")
        if (maxBytes > BODY_BYTES) return receive(effect, ByteArray(maxBytes), maxBytes, cancellation)
        return buffers.use(cancellation) { receive(effect, it, maxBytes, cancellation) }
    }

    private fun receive(
        effect: JsonObject,
        buffer: ByteArray,
        maxBytes: Int,
        cancellation: Cancellation,
    ): JsonObject {
        val range = if ("range" in effect) effect.list("range").map(::readNumber) else null
        if (range != null && (range.size != 2 || range[0] < 0 || range[1] <= range[0])) refuse("a range of bytes")
        val receiver = BodyReceiver(buffer, maxBytes, range?.first() ?: 0)
        val question =
            Question(
                server = readServer(effect),
                method = "GET",
                path = effect.text("path"),
                bearer = effect.textOrNull("bearer"),
                headers = if (range == null) emptyMap() else mapOf("range" to "bytes=${range[0]}-${range[1] - 1}"),
                body = null,
                timeoutMs = effect.size("timeoutMs"),
            )
        return when (val end = http.exchange(question, receiver, cancellation)) {
            is Exchange.NoAnswer -> answerOf(end)
            is Exchange.Response -> open(effect, end, receiver, cancellation)
        }
    }

    private fun open(
        effect: JsonObject,
        response: Exchange.Response,
        receiver: BodyReceiver,
        cancellation: Cancellation,
    ): JsonObject {
        val body = receiver.body()
        val isWanted = receiver.isWanted
        val wanted = effect.textOrNull("sha256")
        val sha256Ok =
            if (wanted == null || response.status != OK) JsonNull else json(formatHex(sealing.sha256(body)) == wanted)
        val came = Body(body, receiver.firstByte, isNamed = sha256Ok == json(true))
        val parts = if (isWanted) openParts(effect, came, cancellation) else emptyList()
        return answer(
            "response",
            *responseFields(response, if (isWanted) null else decodeText(body.bytes, body.length, TEXT_BYTES)),
            "sizeBytes" to json(body.length),
            "sha256Ok" to sha256Ok,
            "parts" to JsonArray(parts),
        )
    }

    /** A body that came: where it begins in the resource, and whether it is all of it and has the SHA-256 of the effect. */
    private class Body(
        val slice: ByteSlice,
        val firstByte: Long,
        val isNamed: Boolean,
    ) {
        /** The stretch of a part, or null when it lies beyond what came. */
        fun stretchOf(part: Part): IntRange? {
            val from = part.offset - firstByte
            val to = if (part.length == null) slice.length.toLong() else from + part.length
            return if (from < 0 || from > to || to > slice.length) null else from.toInt() until to.toInt()
        }
    }

    private class Seal(
        val slot: String,
        val context: String,
    )

    private class Part(
        val offset: Long,
        /** null for all that follows. */
        val length: Int?,
        /** null for a part that is taken as it is. */
        val seal: Seal?,
        /** null for the answer. */
        val to: List<JsonObject>?,
    ) {
        /** The offset behind it. */
        val end get() = if (length == null) Long.MAX_VALUE else offset + length

        /** Whether [answer] says that it went into files. */
        fun isWritten(answer: JsonElement) = to != null && answer == WRITTEN
    }

    private fun openParts(
        effect: JsonObject,
        body: Body,
        cancellation: Cancellation,
    ): List<JsonElement> {
        val seals = effect.objects("seals")
        val parts = effect.objects("parts").map { readPart(it, seals) }
        val digestSlot = effect.textOrNull("key")
        // Opening happens in place, so a part that is asked for twice, or overlaps another, is opened from a copy.
        val isInPlace = !hasOverlap(parts)
        WorkFiles(files, effect.texts("roots")).use { work ->
            val answers =
                parts.map { part ->
                    cancellation.check()
                    val stretch = body.stretchOf(part)
                    when {
                        stretch == null -> OUTSIDE
                        part.seal != null -> openPart(part, digestSlot, sliceOf(body.slice, stretch, isInPlace), work)
                        body.isNamed -> give(part, sliceOf(body.slice, stretch, isInPlace = true), work)
                        else -> NOT_AUTHENTIC
                    }
                }
            val failure = work.flush() ?: return answers
            val notWritten = notWritten(failure)
            return answers.zip(parts) { answer, part -> if (part.isWritten(answer)) notWritten else answer }
        }
    }

    private fun readPart(
        part: JsonObject,
        seals: List<JsonObject>,
    ): Part {
        val seal = part.countOrNull("seal")?.let { seals.getOrNull(it) ?: refuse("the index of a seal") }
        val to = part["to"]
        val isAnswer = to is JsonPrimitive && to.isString && to.content == "answer"
        return Part(
            offset = part.size("offset"),
            length = part.countOrNull("length"),
            seal = seal?.let { Seal(it.text("slot"), it.text("context")) },
            to = if (isAnswer) null else part.objects("to"),
        )
    }

    private fun openPart(
        part: Part,
        digestSlot: String?,
        sealed: ByteSlice,
        work: WorkFiles,
    ): JsonObject {
        val seal = part.seal ?: refuse("the index of a seal")
        return slots.use(seal.slot) { root ->
            when (val opened = openChecked(root, digestSlot, seal.context, sealed)) {
                is Opened.Bytes -> give(part, opened.slice, work)
                Opened.NotAuthentic -> NOT_AUTHENTIC
                Opened.OtherContent -> OTHER_CONTENT
            }
        } ?: refuse("a slot that is there to open under")
    }

    /** Answers the bytes of a part, or writes them into its files. */
    private fun give(
        part: Part,
        bytes: ByteSlice,
        work: WorkFiles,
    ): JsonObject {
        if (part.to == null) return answer("ok", "bytes" to json(formatBase64(bytes.bytes, bytes.from, bytes.length)))
        for (to in part.to) {
            val failure = work.write(to.count("root"), to.text("path"), to.size("offset"), bytes)
            if (failure != null) return notWritten(failure)
        }
        return WRITTEN
    }

    private fun openChecked(
        root: ByteArray,
        digestSlot: String?,
        context: String,
        sealed: ByteSlice,
    ): Opened =
        slots.useNamed(digestSlot) { sealing.openInPlace(root, it, context, sealed) }
            ?: refuse("the slot of the key that names contents")

    private companion object {
        val WRITTEN = answer("ok")
        val OUTSIDE = answer("outside")
        val NOT_AUTHENTIC = answer("not-authentic")
        val OTHER_CONTENT = answer("other-content")

        fun notWritten(reason: String) = answer("not-written", "reason" to json(reason))

        fun sliceOf(
            body: ByteSlice,
            stretch: IntRange,
            isInPlace: Boolean,
        ): ByteSlice {
            val length = stretch.last - stretch.first + 1
            val slice = ByteSlice(body.bytes, body.from + stretch.first, length)
            if (isInPlace) return slice
            return ByteSlice(slice.bytes.copyOfRange(slice.from, slice.from + length), 0, length)
        }

        fun hasOverlap(parts: List<Part>): Boolean =
            parts.sortedBy { it.offset }.zipWithNext().any { (first, second) -> first.end > second.offset }
    }

    /** Receives a body into one array: what was asked for up to its limit, another status's text up to a smaller one. */
    private class BodyReceiver(
        private val buffer: ByteArray,
        private val maxBytes: Int,
        private val rangeFrom: Long,
    ) : Receiver {
        /** Whether the status says that the resource, or a range of it, came. */
        var isWanted = false
            private set

        /** Where in the resource the body begins. */
        var firstByte = 0L
            private set
        private var length = 0

        /** For what is not wanted, when the array is too small for it. */
        private var into = buffer

        override fun begin(
            status: Int,
            header: (String) -> String?,
        ): Receiver.Wish {
            length = 0
            isWanted = status == OK || status == PARTIAL
            firstByte = if (status == PARTIAL) firstByteOf(header("content-range")) else 0
            into = if (isWanted || buffer.size >= TEXT_BYTES) buffer else ByteArray(TEXT_BYTES)
            return Receiver.Wish(if (isWanted) maxBytes else TEXT_BYTES, refusesMore = isWanted)
        }

        override fun take(
            bytes: ByteArray,
            length: Int,
        ) {
            bytes.copyInto(into, this.length, 0, length)
            this.length += length
        }

        fun body() = ByteSlice(into, 0, length)

        /** Where a `Content-Range` begins (RFC 9110 §14.4); what was asked for, where it says nothing that can be read. */
        private fun firstByteOf(contentRange: String?): Long =
            CONTENT_RANGE.matchEntire(contentRange.orEmpty())?.let { it.groupValues[1].toLong() } ?: rangeFrom
    }
}

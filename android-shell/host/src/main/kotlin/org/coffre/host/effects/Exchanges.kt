// What exchanges of all effects have in common, and `request` (docs/host-api.md §3, H-28). Rule: whatever a server says is an
// answer, HTML too; text that is not UTF-8 is null, never repaired.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.ports.ServerAddress
import org.coffre.host.ports.decodeUtf8
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.formatAsciiJson
import java.io.ByteArrayOutputStream

/** The longest body of a response: it must fit an answer, escaped and with what stands around it. */
private const val BODY_BYTES = 393_216 - 24_000
private const val LONGEST_CUT = 3

/** Carries out `request` effects. */
internal fun performRequest(
    http: Http,
    effect: JsonObject,
    cancellation: Cancellation,
): JsonObject {
    val receiver = TextReceiver(BODY_BYTES, refusesMore = true)
    val method = effect.text("method")
    val content = effect["json"]?.let { formatAsciiJson(it).toByteArray() }
    // Methods that may have a body say that it is empty (RFC 9110 §8.6).
    val body = content ?: if (method == "POST" || method == "PUT") ByteArray(0) else null
    val type = if (content == null) emptyMap() else mapOf("content-type" to "application/json")
    val question =
        Question(
            server = readServer(effect),
            method = method,
            path = effect.text("path"),
            bearer = effect.textOrNull("bearer"),
            headers = mapOf("accept" to "application/json") + type,
            body = body?.let { ByteSlice(it, 0, it.size) },
            timeoutMs = effect.size("timeoutMs"),
        )
    return when (val end = http.exchange(question, receiver, cancellation)) {
        is Exchange.NoAnswer -> answerOf(end)
        is Exchange.Response -> answer("response", *responseFields(end, receiver.text()))
    }
}

internal fun readServer(effect: JsonObject): ServerAddress {
    val server = effect.fields("server")
    return ServerAddress(server.text("url"), server.textOrNull("pin"))
}

/** Receives up to [mostBytes] bytes of text. */
internal class TextReceiver(
    private val mostBytes: Int,
    private val refusesMore: Boolean,
) : Receiver {
    private val received = ByteArrayOutputStream()

    override fun begin(
        status: Int,
        header: (String) -> String?,
    ): Receiver.Wish {
        received.reset()
        return Receiver.Wish(mostBytes, refusesMore)
    }

    override fun take(
        bytes: ByteArray,
        length: Int,
    ) = received.write(bytes, 0, length)

    /** The text, or null when it is not UTF-8. */
    fun text(): String? = received.toByteArray().let { decodeText(it, it.size, mostBytes) }
}

/** The first [length] of [bytes] as text, or null when they are not UTF-8; a character cut at [mostBytes] is left out. */
internal fun decodeText(
    bytes: ByteArray,
    length: Int,
    mostBytes: Int,
): String? {
    decodeUtf8(bytes, 0, length)?.let { return it }
    if (length < mostBytes) return null
    return (1..minOf(LONGEST_CUT, length)).firstNotNullOfOrNull { cut -> decodeUtf8(bytes, 0, length - cut) }
}

// HTTP exchanges as effects need them (docs/host-api.md H-10, H-13). Rule: one question gives one answer; whatever came back
// with a status is a response, and everything else is a no-answer with its reason.

package org.coffre.host.ports

import org.coffre.host.runtime.Cancellation

/** Carries out exchanges over connections that it keeps. Any thread. */
interface Http : AutoCloseable {
    /**
     * Carries out one exchange on the calling thread, and hands the response's body to [receiver]. Throws EffectCancelled
     * when [cancellation] came first, RefusedEffect for an origin, pin or header that is none.
     */
    fun exchange(
        question: Question,
        receiver: Receiver,
        cancellation: Cancellation,
    ): Exchange

    /** Closes what is open. */
    override fun close()
}

/** Where an exchange goes: an origin, and the hex SHA-256 of the only key to accept; null for the system's trust. */
data class ServerAddress(
    val url: String,
    val pin: String?,
)

/** What goes out. */
class Question(
    val server: ServerAddress,
    val method: String,
    val path: String,
    val bearer: String?,
    val headers: Map<String, String>,
    /** null sends none. Not changed while the exchange runs. */
    val body: ByteSlice?,
    /** The longest time without progress, either way. */
    val timeoutMs: Long,
    /** The body's pace; null sends as fast as it goes. */
    val rateBytesPerS: Long? = null,
)

/** [length] bytes of [bytes], from [from] on. */
class ByteSlice(
    val bytes: ByteArray,
    val from: Int,
    val length: Int,
)

/** Takes a response's body. One thread; [begin] is called again when a closed connection was replaced. */
interface Receiver {
    /** Called before any byte; [header] gives a header's value or null. */
    fun begin(
        status: Int,
        header: (String) -> String?,
    ): Wish

    /** Takes the first [length] bytes of [bytes], which the caller uses again. */
    fun take(
        bytes: ByteArray,
        length: Int,
    )

    /** How many bytes are wanted at most, and whether more are a no-answer (`too-large`) or are dropped. */
    class Wish(
        val mostBytes: Int,
        val refusesMore: Boolean,
    )
}

/** How an exchange ended. */
sealed interface Exchange {
    /** A response's head. [headers] holds `content-type`, `retry-after` and `etag` where they came. */
    class Response(
        val status: Int,
        val headers: Map<String, String>,
        val elapsedMs: Long,
    ) : Exchange

    /** [reason] is one of H-13. */
    data class NoAnswer(
        val reason: String,
    ) : Exchange
}

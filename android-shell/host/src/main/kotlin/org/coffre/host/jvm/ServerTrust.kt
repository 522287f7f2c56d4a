// Whom a connection trusts, and what a failed one means (docs/host-api.md H-10, H-13). Rule: with a pin exactly that key is
// accepted and nothing else of a certificate is looked at; without one, whom the system trusts.

package org.coffre.host.jvm

import okhttp3.OkHttpClient
import org.coffre.host.ports.formatHex
import java.io.EOFException
import java.io.IOException
import java.io.InterruptedIOException
import java.net.ConnectException
import java.net.NoRouteToHostException
import java.net.ProtocolException
import java.net.Socket
import java.net.SocketException
import java.net.UnknownHostException
import java.security.MessageDigest
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import javax.net.ssl.X509ExtendedTrustManager

private const val TIMED_OUT = "Connection timed out"
private const val CUT_OFF = "unexpected end of stream"

/** Accepts the server whose key has this SHA-256 (hex, of its SPKI), under any name. */
internal fun OkHttpClient.Builder.trustPin(pin: String): OkHttpClient.Builder {
    val trust = PinTrust(pin)
    val context = SSLContext.getInstance("TLS").apply { init(null, arrayOf(trust), null) }
    return sslSocketFactory(context.socketFactory, trust).hostnameVerifier { _, _ -> true }
}

/** The reason of H-13 behind an error. [isConnected]: a connection, or its TLS, had begun. */
internal fun noAnswerReasonOf(
    error: IOException,
    isConnected: Boolean,
): String {
    val causes = generateSequence<Throwable>(error) { it.cause }.take(MOST_CAUSES).toList()
    return when {
        causes.any { it is WrongPin } -> "pin"
        error is InterruptedIOException || error.message.orEmpty().contains(TIMED_OUT) -> "timeout"
        error is SSLException -> if (causes.any(::hasBrokenOff)) "reset" else "tls"
        error is ProtocolException -> if (error.message.orEmpty().startsWith(CUT_OFF)) "reset" else "protocol"
        error is UnknownHostException || error is ConnectException || error is NoRouteToHostException -> "unreachable"
        error is SocketException && !isConnected -> "unreachable"
        else -> "reset"
    }
}

private const val MOST_CAUSES = 8

/**
 * What Android's TLS says when the connection below it broke: it wraps the system's error into one of its own, with these words
 * and often without the cause.
 */
private val BROKEN_OFF =
    listOf(
        "I/O error during system call",
        "Connection reset",
        "Connection closed by peer",
        "connection closed",
        "Broken pipe",
        "Software caused connection abort",
        "Socket closed",
        "Socket is closed",
    )

private fun hasBrokenOff(cause: Throwable): Boolean =
    cause is EOFException || cause is SocketException || BROKEN_OFF.any { it in cause.message.orEmpty() }

/** The server has another key than the pinned one. */
private class WrongPin : CertificateException("the server has another key than the pinned one")

private class PinTrust(
    private val pin: String,
) : X509ExtendedTrustManager() {
    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        authType: String,
    ) {
        val key = chain.firstOrNull()?.publicKey?.encoded ?: throw WrongPin()
        if (formatHex(MessageDigest.getInstance("SHA-256").digest(key)) != pin) throw WrongPin()
    }

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        socket: Socket,
    ) = checkServerTrusted(chain, authType)

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        engine: SSLEngine,
    ) = checkServerTrusted(chain, authType)

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        authType: String,
    ): Unit = throw CertificateException("a client is never asked")

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        socket: Socket,
    ) = checkClientTrusted(chain, authType)

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        engine: SSLEngine,
    ) = checkClientTrusted(chain, authType)

    override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
}

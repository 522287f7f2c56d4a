// Plain HTTP, which Android's own switch allows for all addresses or for none. Rule: a question goes out without TLS only to an
// address of a private network, written as numbers; a name may lead anywhere, and is refused.

package org.coffre.app.ports

import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.RefusedEffect
import java.net.Inet4Address
import java.net.InetAddress
import java.net.URI
import java.net.URISyntaxException

/** [http], but for what must not leave the phone. */
class GuardedHttp(
    private val http: Http,
) : Http by http {
    override fun exchange(
        question: Question,
        receiver: Receiver,
        cancellation: Cancellation,
    ): Exchange {
        val url = question.server.url
        // Whatever is neither of the two is refused behind this, where it is read as the connection reads it.
        val isPlain = url.trim().startsWith("http:", ignoreCase = true)
        if (isPlain && !isSafeAddress(url)) return Exchange.NoAnswer(if (leadsSomewhere(url)) "tls" else "unreachable")
        return http.exchange(question, receiver, cancellation)
    }

    /** Whether the name is one that exists: a wrong one is told as such, and nothing is sent to either. */
    private fun leadsSomewhere(url: String): Boolean {
        val host = runCatching { URI(url).host }.getOrNull() ?: throw RefusedEffect("expected a private address")
        return runCatching { InetAddress.getAllByName(host) }.isSuccess
    }
}

/** Whether this origin may be asked: by TLS, or in a private network. */
fun isSafeAddress(url: String): Boolean {
    val origin =
        try {
            URI(url)
        } catch (_: URISyntaxException) {
            return false
        }
    if (origin.scheme.equals("https", ignoreCase = true)) return true
    val host = origin.host ?: return false
    return origin.scheme.equals("http", ignoreCase = true) && isPrivateNumber(host.removeSurrounding("[", "]"))
}

private val IPV4 = Regex("""(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}""")
private val IPV6 = Regex("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")

/** 100.64.0.0/10, where mesh VPNs have their machines. */
private const val SHARED_FIRST = 100
private const val SHARED_BITS = 0xc0
private const val SHARED_SECOND = 64

/** fc00::/7. */
private const val UNIQUE_BITS = 0xfe
private const val UNIQUE_FIRST = 0xfc

private fun isPrivateNumber(host: String): Boolean {
    if (host == "localhost") return true
    // Numbers only: a name would be looked up here, and again when it is connected to.
    if (!IPV4.matches(host) && !IPV6.matches(host)) return false
    val address =
        try {
            InetAddress.getByName(host)
        } catch (_: java.net.UnknownHostException) {
            return false
        }
    val bytes = address.address.map { it.toInt() and 0xff }
    val isShared = address is Inet4Address && bytes[0] == SHARED_FIRST && bytes[1] and SHARED_BITS == SHARED_SECOND
    val isUnique = address !is Inet4Address && bytes[0] and UNIQUE_BITS == UNIQUE_FIRST
    val isNear = address.isLoopbackAddress || address.isLinkLocalAddress || address.isSiteLocalAddress
    return isNear || isShared || isUnique
}

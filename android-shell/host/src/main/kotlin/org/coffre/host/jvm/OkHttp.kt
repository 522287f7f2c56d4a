// HTTP by OkHttp (docs/host-api.md H-10, H-13). Rule: not a byte of HTTP is written before the server is known to be the right
// one, and OkHttp asks nothing that the engine did not ask: no redirect, no retry, no header of its own.

package org.coffre.host.jvm

import okhttp3.ConnectionPool
import okhttp3.Headers
import okhttp3.HttpUrl
import okhttp3.HttpUrl.Companion.toHttpUrlOrNull
import okhttp3.Interceptor
import okhttp3.OkHttpClient
import okhttp3.Protocol
import okhttp3.Request
import okhttp3.Response
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.ports.ServerAddress
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.RefusedEffect
import java.net.ProtocolException
import java.net.Proxy
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit

private const val KEPT_SOCKETS = 16
private const val KEPT_MINUTES = 5L
private val PIN = Regex("[0-9a-f]{64}")
private val REPLAYABLE = setOf("GET", "PUT")

/** Exchanges over HTTP/1.1, on connections that are kept. */
class OkHttp : Http {
    private val pool = ConnectionPool(KEPT_SOCKETS, KEPT_MINUTES, TimeUnit.MINUTES)
    private val plain =
        OkHttpClient
            .Builder()
            .connectionPool(pool)
            .protocols(listOf(Protocol.HTTP_1_1))
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .addNetworkInterceptor(PlainWords)
            .eventListenerFactory { call -> exchangeOf(call.request()).events }
            .build()
    private val pinned = ConcurrentHashMap<String, OkHttpClient>()

    override fun exchange(
        question: Question,
        receiver: Receiver,
        cancellation: Cancellation,
    ): Exchange {
        cancellation.check()
        val client = clientFor(question.server, question.timeoutMs)
        val first = OneExchange(client, requestFor(question), question, receiver).run(cancellation)
        if (first !is End.Stale) return (first as End.Of).exchange
        // The server had closed a kept connection before our bytes came: for HTTP nothing was asked yet (RFC 9112 §9.3.1).
        val fresh = client.newBuilder().connectionPool(ConnectionPool(0, 1, TimeUnit.NANOSECONDS)).build()
        val second = OneExchange(fresh, requestFor(question), question, receiver).run(cancellation)
        return if (second is End.Of) second.exchange else Exchange.NoAnswer("reset")
    }

    override fun close() = pool.evictAll()

    private fun clientFor(
        server: ServerAddress,
        timeoutMs: Long,
    ): OkHttpClient {
        val pin = server.pin
        if (pin != null && !PIN.matches(pin)) throw RefusedEffect("expected a pin of 64 hex digits")
        val trusting = pin?.let(::clientOfPin) ?: plain
        val longest = timeoutMs.coerceIn(1, Int.MAX_VALUE.toLong())
        return trusting
            .newBuilder()
            .connectTimeout(longest, TimeUnit.MILLISECONDS)
            .readTimeout(longest, TimeUnit.MILLISECONDS)
            .writeTimeout(longest, TimeUnit.MILLISECONDS)
            .build()
    }

    private fun clientOfPin(pin: String): OkHttpClient =
        pinned.computeIfAbsent(pin) { plain.newBuilder().trustPin(it).build() }

    private fun requestFor(question: Question): Request.Builder =
        try {
            val headers = Headers.Builder()
            for ((name, value) in question.headers) headers.add(name, value)
            question.bearer?.let { headers.add("authorization", "Bearer $it") }
            // Without this OkHttp would ask for gzip, and unpack it.
            headers.add(ENCODING, "identity")
            Request.Builder().url(urlOf(question)).headers(headers.build())
        } catch (_: IllegalArgumentException) {
            throw RefusedEffect("expected headers of plain text")
        }

    private fun urlOf(question: Question): HttpUrl {
        val origin = question.server.url.toHttpUrlOrNull() ?: throw RefusedEffect("expected an http or https origin")
        if (question.server.pin != null && !origin.isHttps) throw RefusedEffect("expected https where there is a pin")
        // Without its slash a path could go on with the name of another server.
        if (!question.path.startsWith("/")) throw RefusedEffect("expected a path of an origin")
        val host = if (':' in origin.host) "[${origin.host}]" else origin.host
        return "${origin.scheme}://$host:${origin.port}${question.path}".toHttpUrlOrNull()
            ?: throw RefusedEffect("expected a path of an origin")
    }

    internal sealed interface End {
        class Of(
            val exchange: Exchange,
        ) : End

        /** A kept connection had been closed: nobody read the question. */
        data object Stale : End
    }

    internal companion object {
        const val ENCODING = "accept-encoding"

        fun isReplayable(method: String) = method in REPLAYABLE
    }
}

private fun exchangeOf(request: Request): OneExchange =
    request.tag(OneExchange::class.java) ?: error("expected an exchange")

/**
 * Stands next to the wire: takes out what OkHttp adds to a question, and keeps from it what it would act upon by itself: a 503
 * with `retry-after: 0` would be asked again, and a 407 be an error. [OneExchange] remembers what really came.
 */
private object PlainWords : Interceptor {
    private const val OK = 200
    private const val LEAST_STATUS = 100

    override fun intercept(chain: Interceptor.Chain): Response {
        val exchange = exchangeOf(chain.request())
        val asked =
            chain
                .request()
                .newBuilder()
                .removeHeader("user-agent")
                .removeHeader(OkHttp.ENCODING)
                .build()
        val response = chain.proceed(asked)
        if (response.code < LEAST_STATUS) throw ProtocolException("expected a status of three digits")
        exchange.head = OneExchange.Head(response.code, response.headers)
        return response.newBuilder().code(OK).build()
    }
}

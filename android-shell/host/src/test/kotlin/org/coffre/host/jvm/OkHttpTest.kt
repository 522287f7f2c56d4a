// Exchanges at their edges. Rule: the other side is a socket of the test, which counts what reaches it; nothing waits for a
// time to pass but where a pace is what is asked for.

package org.coffre.host.jvm

import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.ports.ServerAddress
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.EffectCancelled
import org.coffre.host.runtime.RefusedEffect
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread

class OkHttpTest {
    private val http = OkHttp()
    private val servers = ArrayList<SocketServer>()

    @AfterEach
    fun close() {
        http.close()
        servers.forEach { it.close() }
    }

    @Test
    fun `sees an answer that comes while its body is still going out, whether or not the server closes`() {
        for (closes in listOf(true, false)) {
            val server =
                serve { socket ->
                    readHead(socket.getInputStream())
                    // Some of the body, far from all.
                    socket.getInputStream().readNBytes(100_000)
                    socket.getOutputStream().write(answer("413 Content Too Large", "too large"))
                    socket.getOutputStream().flush()
                    if (!closes) awaitEnd(socket.getInputStream())
                }
            val taken = Taken()
            val end = ask(server, taken, method = "PUT", body = ByteArray(8 * MIB))
            assertEquals(413, assertInstanceOf(Exchange.Response::class.java, end).status)
            assertEquals("too large", taken.text())
            assertEquals(1, server.connections)
        }
    }

    @Test
    fun `sees an early answer between the slices of a paced body`() {
        val server =
            serve { socket ->
                readHead(socket.getInputStream())
                socket.getOutputStream().write(answer("503 Service Unavailable", ""))
                socket.getOutputStream().flush()
                awaitEnd(socket.getInputStream())
            }
        // At this pace the whole body would take an hour.
        val end = ask(server, Taken(), method = "PUT", body = ByteArray(MIB), rateBytesPerS = MIB / 3_600L)
        assertEquals(503, assertInstanceOf(Exchange.Response::class.java, end).status)
    }

    @Test
    fun `puts a question on a new connection, once, when the kept one was closed behind its back`() {
        for (method in listOf("GET", "PUT")) {
            val server =
                serve { socket ->
                    readQuestion(socket.getInputStream())
                    socket.getOutputStream().write(answer("200 OK", "ok"))
                }
            repeat(4) { times ->
                val body = if (method == "PUT") ByteArray(10) else null
                assertInstanceOf(Exchange.Response::class.java, ask(server, Taken(), method, body))
                assertEquals(times + 1, server.connections)
                server.awaitEnded(times + 1)
            }
        }
    }

    @Test
    fun `asks no second time where the question was read`() {
        val server =
            serve { socket ->
                repeat(1) {
                    readQuestion(socket.getInputStream())
                    socket.getOutputStream().write(answer("200 OK", "ok"))
                }
                readHead(socket.getInputStream())
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nha".toByteArray())
            }
        assertInstanceOf(Exchange.Response::class.java, ask(server, Taken()))
        assertEquals(Exchange.NoAnswer("reset"), ask(server, Taken()))
        assertEquals(1, server.connections)
    }

    @Test
    fun `takes every status as an answer, also those that OkHttp acts upon`() {
        for (status in listOf(
            "407 Proxy",
            "408 Timeout",
            "421 Misdirected",
            "503 Busy",
            "301 Moved",
            "401 Who",
            "600 Odd",
        )) {
            val server =
                serve { socket ->
                    readQuestion(socket.getInputStream())
                    val more =
                        listOf("retry-after: 0", "location: /other", "www-authenticate: A", "proxy-authenticate: A")
                    socket.getOutputStream().write(answer(status, "x", more.joinToString("") { "$it\r\n" }))
                }
            val end = assertInstanceOf(Exchange.Response::class.java, ask(server, Taken()))
            assertEquals(status.substringBefore(' ').toInt() to "0", end.status to end.headers["retry-after"])
            assertEquals(1, server.connections)
        }
    }

    @Test
    fun `says nothing that it was not told to say`() {
        var head = ""
        val server =
            serve { socket ->
                head = readHead(socket.getInputStream())
                socket.getOutputStream().write(answer("200 OK", "x"))
            }
        ask(server, Taken())
        val names =
            head
                .lines()
                .drop(1)
                .filter { it.isNotEmpty() }
                .map { it.substringBefore(':').lowercase() }
        assertEquals(listOf("connection", "host", "x-given"), names.sorted())
    }

    @Test
    fun `takes a body that is packed as it came`() {
        val server =
            serve { socket ->
                readQuestion(socket.getInputStream())
                socket.getOutputStream().write(answer("200 OK", "not gzip at all", "content-encoding: gzip\r\n"))
            }
        val taken = Taken()
        assertInstanceOf(Exchange.Response::class.java, ask(server, taken))
        assertEquals("not gzip at all", taken.text())
    }

    @Test
    fun `ends at once when it is cancelled, while a body is paced and while an answer is awaited`() {
        for (rate in listOf(null, 10L)) {
            val asked = CountDownLatch(1)
            val server =
                serve { socket ->
                    readHead(socket.getInputStream())
                    asked.countDown()
                    awaitEnd(socket.getInputStream())
                }
            val cancellation = Cancellation()
            val canceller =
                thread {
                    asked.await()
                    cancellation.cancel()
                }
            assertThrows(EffectCancelled::class.java) {
                ask(server, Taken(), "PUT", ByteArray(1_000), rate, cancellation)
            }
            canceller.join()
        }
    }

    @Test
    fun `sends a large body whole, byte for byte`() {
        val body = ByteArray(8 * MIB) { (it * 31 xor (it shr 8)).toByte() }
        var isSame = false
        val server =
            serve { socket ->
                readHead(socket.getInputStream())
                isSame = socket.getInputStream().readNBytes(body.size).contentEquals(body)
                socket.getOutputStream().write(answer("201 Created", ""))
            }
        assertInstanceOf(Exchange.Response::class.java, ask(server, Taken(), "PUT", body))
        assertTrue(isSame)
    }

    @Test
    fun `goes to its server alone, whatever stands in its path`() {
        val server = serve { socket -> readQuestion(socket.getInputStream()) }
        for (path in listOf("@127.0.0.1:1/x", "x", "")) {
            assertThrows(RefusedEffect::class.java, { ask(server, Taken(), path = path) }, path)
        }
        assertEquals(0, server.connections)
    }

    @Test
    fun `sends nothing to a server with a pin but without TLS`() {
        val server = serve { socket -> readQuestion(socket.getInputStream()) }
        assertThrows(RefusedEffect::class.java) { ask(server, Taken(), pin = "0".repeat(64)) }
        assertEquals(0, server.connections)
    }

    @Test
    fun `says protocol of what is no HTTP, also where OkHttp stumbles over it`() {
        val ok = "HTTP/1.1 200 OK\r\n"
        for (said in listOf(
            "nonsense\r\n\r\n",
            "HTTP/1.1 -20 Odd\r\n\r\n",
            "HTTP/1.1 +20 Odd\r\n\r\n",
            "HTTP/1.1 000 Odd\r\n\r\n",
            "${ok}content-length: -5\r\n\r\nhello",
            "${ok}transfer-encoding: chunked\r\n\r\n-5\r\nhello",
        )) {
            val server =
                serve { socket ->
                    readQuestion(socket.getInputStream())
                    socket.getOutputStream().write(said.toByteArray())
                }
            assertEquals(Exchange.NoAnswer("protocol"), ask(server, Taken()), said)
        }
    }

    private fun serve(onSocket: (java.net.Socket) -> Unit): SocketServer = SocketServer(onSocket).also { servers += it }

    private fun ask(
        server: SocketServer,
        receiver: Receiver,
        method: String = "GET",
        body: ByteArray? = null,
        rateBytesPerS: Long? = null,
        cancellation: Cancellation = Cancellation(),
        path: String = "/x",
        pin: String? = null,
    ): Exchange {
        val question =
            Question(
                server = ServerAddress(server.url, pin),
                method = method,
                path = path,
                bearer = null,
                headers = mapOf("x-given" to "1"),
                body = body?.let { ByteSlice(it, 0, it.size) },
                timeoutMs = 20_000,
                rateBytesPerS = rateBytesPerS,
            )
        return http.exchange(question, receiver, cancellation)
    }

    /** Takes everything. */
    private class Taken : Receiver {
        private val bytes = ByteArrayOutputStream()

        override fun begin(
            status: Int,
            header: (String) -> String?,
        ): Receiver.Wish {
            bytes.reset()
            return Receiver.Wish(MIB, refusesMore = true)
        }

        override fun take(
            bytes: ByteArray,
            length: Int,
        ) = this.bytes.write(bytes, 0, length)

        fun text(): String = bytes.toString(Charsets.UTF_8)
    }

    private companion object {
        const val MIB = 1_048_576
    }
}

// One question on one connection (docs/host-api.md H-13). Rule: a body goes out in slices, and between two of them an early
// answer is seen; each byte that moves is progress.

package org.coffre.host.jvm

import okhttp3.Call
import okhttp3.Connection
import okhttp3.EventListener
import okhttp3.Headers
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.Response
import okio.BufferedSink
import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.EffectCancelled
import java.io.IOException
import java.net.InetSocketAddress
import java.net.ProtocolException
import java.net.Proxy
import java.net.Socket
import java.util.concurrent.locks.LockSupport
import javax.net.ssl.SSLSocket

private const val READ_BYTES = 65_536
private const val FIRST_SLICE_BYTES = 65_536
private const val LAST_SLICE_BYTES = 1_048_576

private const val PIECE_BYTES = 16_384

/** Who refuses a body early has done so by now; slices grow from here on. */
private const val PROBE_BYTES = 1_048_576
private const val QUICK_NS = 50_000_000L

/** A paced body goes out in slices of this part of a second. */
private const val PACE_PARTS = 8
private const val NS_PER_S = 1_000_000_000L
private const val NS_PER_MS = 1_000_000L

/** How long whoever waits for its pace waits before it looks around. */
private const val LOOK_NS = 50 * NS_PER_MS
private val TOLD_HEADERS = listOf("content-type", "retry-after", "etag")

internal class OneExchange(
    private val client: OkHttpClient,
    private val request: Request.Builder,
    private val question: Question,
    private val receiver: Receiver,
) {
    class Head(
        val status: Int,
        val headers: Headers,
    )

    /** What came from the wire; set before OkHttp looks at it. */
    var head: Head? = null

    /** What OkHttp tells of this exchange. */
    val events = Events()
    private val beganNs = System.nanoTime()

    /** Runs on the calling thread. Throws EffectCancelled. */
    fun run(cancellation: Cancellation): OkHttp.End {
        val body = question.body?.let { SlicedBody() }
        val call = client.newCall(request.method(question.method, body).tag(OneExchange::class.java, this).build())
        return cancellation.onCancel { call.cancel() }.use {
            try {
                readHttp(call) { call.execute() }.use { OkHttp.End.Of(receive(it, call)) }
            } catch (error: IOException) {
                if (cancellation.isCancelled) throw EffectCancelled()
                endOf(error)
            }
        }
    }

    /** Some of what is no HTTP, such as a length below zero, OkHttp takes for its caller's mistake. */
    private inline fun <T> readHttp(
        call: Call,
        work: () -> T,
    ): T =
        try {
            work()
        } catch (error: IllegalStateException) {
            throw notHttp(call, error)
        } catch (error: IllegalArgumentException) {
            throw notHttp(call, error)
        }

    private fun notHttp(
        call: Call,
        error: RuntimeException,
    ): IOException {
        call.cancel()
        return ProtocolException("expected HTTP").apply { initCause(error) }
    }

    private fun endOf(error: IOException): OkHttp.End {
        val reason = noAnswerReasonOf(error, events.isConnected)
        val isStale = reason == "reset" && events.isReused && head == null && OkHttp.isReplayable(question.method)
        return if (isStale) OkHttp.End.Stale else OkHttp.End.Of(Exchange.NoAnswer(reason))
    }

    private fun receive(
        response: Response,
        call: Call,
    ): Exchange {
        val came = checkNotNull(head)
        val wish = receiver.begin(came.status) { came.headers.values(it).firstOrNull() }
        val source = response.body.byteStream()
        val piece = ByteArray(READ_BYTES)
        var room = wish.mostBytes
        val rate = LeastRate(System.nanoTime())
        while (true) {
            val count = readHttp(call) { source.read(piece) }
            if (count < 0) break
            if (rate.isTooSlow(System.nanoTime(), count)) {
                call.cancel()
                return Exchange.NoAnswer("timeout")
            }
            if (count > room && wish.refusesMore) {
                call.cancel()
                return Exchange.NoAnswer("too-large")
            }
            receiver.take(piece, minOf(count, room))
            if (count > room) {
                call.cancel()
                break
            }
            room -= count
        }
        val told = LinkedHashMap<String, String>()
        for (name in TOLD_HEADERS) {
            came.headers
                .values(name)
                .firstOrNull()
                ?.let { told[name] = it }
        }
        return Exchange.Response(came.status, told, (System.nanoTime() - beganNs + NS_PER_MS / 2) / NS_PER_MS)
    }

    /** The question's body, slice by slice, until it is out or an answer begins. */
    private inner class SlicedBody : RequestBody() {
        private val slice = checkNotNull(question.body)

        override fun contentType(): MediaType? = null

        override fun contentLength(): Long = slice.length.toLong()

        override fun isOneShot() = true

        override fun writeTo(sink: BufferedSink) {
            val rate = question.rateBytesPerS?.coerceAtLeast(1)
            val beganNs = System.nanoTime()
            val paced = (rate ?: Long.MAX_VALUE) / PACE_PARTS
            var sliceBytes = paced.coerceIn(1, FIRST_SLICE_BYTES.toLong()).toInt()
            var sent = 0
            while (sent < slice.length) {
                val end = minOf(slice.length, sent + sliceBytes)
                if (rate != null) awaitTurn(sink, beganNs + (end * (NS_PER_S.toDouble() / rate)).toLong())
                stopWhenAnswered(sink)
                val sliceBeganNs = System.nanoTime()
                sendUpTo(sink, sent, end)
                sent = end
                if (rate == null && sent >= PROBE_BYTES) {
                    val isQuick = System.nanoTime() - sliceBeganNs < QUICK_NS
                    sliceBytes = if (isQuick) minOf(2 * sliceBytes, LAST_SLICE_BYTES) else FIRST_SLICE_BYTES
                }
            }
        }

        /** In pieces that OkHttp has memory for: it would make more for a larger one, and drop it. */
        private fun sendUpTo(
            sink: BufferedSink,
            sent: Int,
            end: Int,
        ) {
            for (at in sent until end step PIECE_BYTES) {
                sink.write(slice.bytes, slice.from + at, minOf(PIECE_BYTES, end - at))
            }
            sink.flush()
        }

        private fun awaitTurn(
            sink: BufferedSink,
            dueNs: Long,
        ) {
            while (true) {
                val leftNs = dueNs - System.nanoTime()
                if (leftNs <= NS_PER_MS) return
                LockSupport.parkNanos(minOf(leftNs, LOOK_NS))
                stopWhenAnswered(sink)
            }
        }

        /**
         * Ends the question when its answer has begun. OkHttp reads an answer only behind a whole question, or behind one that
         * could not be sent: so sending is made impossible. Inside TLS nobody can look ahead; there the server's closing tells.
         */
        private fun stopWhenAnswered(sink: BufferedSink) {
            val socket = events.socket ?: return
            if (events.isCanceled) throw IOException("Canceled")
            if (socket is SSLSocket || socket.getInputStream().available() == 0) return
            socket.shutdownOutput()
            sink.writeByte(0)
            sink.flush()
        }
    }

    /** What OkHttp tells of a call. */
    class Events : EventListener() {
        /** A connection stands: TCP, and TLS where it is asked for. */
        @Volatile
        var isConnected = false
            private set

        /** The connection had served another exchange. */
        @Volatile
        var isReused = true
            private set

        @Volatile
        var isCanceled = false
            private set

        @Volatile
        var socket: Socket? = null
            private set

        override fun connectStart(
            call: Call,
            inetSocketAddress: InetSocketAddress,
            proxy: Proxy,
        ) {
            isReused = false
        }

        override fun secureConnectStart(call: Call) {
            isConnected = true
        }

        override fun connectionAcquired(
            call: Call,
            connection: Connection,
        ) {
            isConnected = true
            socket = connection.socket()
        }

        override fun canceled(call: Call) {
            isCanceled = true
        }
    }
}

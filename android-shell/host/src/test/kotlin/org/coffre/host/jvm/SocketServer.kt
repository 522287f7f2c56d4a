// A server on loopback that does to each connection what a test says. Rule: it counts connections, and ends with its test.

package org.coffre.host.jvm

import java.io.IOException
import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.Collections
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/** Calls [onSocket] for each connection, on a thread of its own, and closes the connection behind it. */
class SocketServer(
    private val onSocket: (Socket) -> Unit,
) : AutoCloseable {
    private val listening = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val sockets = Collections.synchronizedList(ArrayList<Socket>())
    private val begun = AtomicInteger()
    private val ended = java.util.concurrent.Semaphore(0)

    val url = "http://127.0.0.1:${listening.localPort}"

    /** How many connections there were. */
    val connections get() = begun.get()

    init {
        thread(isDaemon = true) {
            try {
                while (true) serve(listening.accept())
            } catch (_: IOException) {
                // Closed: the test is over.
            }
        }
    }

    /** Waits until [count] connections have been closed by this side. */
    fun awaitEnded(count: Int) {
        ended.acquire(count)
        ended.release(count)
    }

    override fun close() {
        listening.close()
        sockets.toList().forEach { it.close() }
    }

    private fun serve(socket: Socket) {
        begun.incrementAndGet()
        sockets += socket
        thread(isDaemon = true) {
            try {
                socket.use(onSocket)
            } catch (_: IOException) {
                // The other side has gone.
            }
            ended.release()
        }
    }
}

/** The lines up to the empty one. */
fun readHead(input: InputStream): String {
    val head = StringBuilder()
    while (!head.endsWith("\r\n\r\n")) {
        head.append(
            input
                .read()
                .also {
                    if (it <
                        0
                    ) {
                        throw IOException("no head")
                    }
                }.toChar(),
        )
    }
    return head.toString()
}

/** A question with its body, by its length. */
fun readQuestion(input: InputStream) {
    val length = Regex("content-length: ([0-9]+)", RegexOption.IGNORE_CASE).find(readHead(input))?.groupValues?.get(1)
    input.readNBytes(length?.toInt() ?: 0)
}

/** Reads until the other side ends. */
fun awaitEnd(input: InputStream) {
    val room = ByteArray(65_536)
    do {
        val count = input.read(room)
    } while (count >= 0)
}

/** An answer with a body and its length. */
fun answer(
    status: String,
    body: String,
    headers: String = "",
): ByteArray = "HTTP/1.1 $status\r\ncontent-length: ${body.length}\r\n$headers\r\n$body".toByteArray()

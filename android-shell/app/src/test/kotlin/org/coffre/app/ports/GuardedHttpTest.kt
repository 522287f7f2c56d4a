// Where plain HTTP may go. Rule: private addresses as numbers, and nothing that a name could lead to.

package org.coffre.app.ports

import org.coffre.host.ports.Exchange
import org.coffre.host.ports.Http
import org.coffre.host.ports.Question
import org.coffre.host.ports.Receiver
import org.coffre.host.ports.ServerAddress
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.RefusedEffect
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class GuardedHttpTest {
    private fun allowed(vararg urls: String) = urls.filter(::isSafeAddress)

    @Test
    fun plainHttpGoesToPrivateNumbersAlone() {
        val private =
            arrayOf(
                "http://192.168.1.20:8080",
                "http://10.0.0.1",
                "http://172.16.3.4",
                "http://127.0.0.1:1",
                "http://localhost:8080",
                "http://100.64.0.9",
                "http://169.254.1.1",
                "http://[::1]:8080",
                "http://[fe80::1]",
                "http://[fd12:3456::1]:8080",
            )
        assertEquals(private.toList(), allowed(*private))
    }

    @Test
    fun plainHttpToAnywhereElseIsRefused() {
        val refused =
            arrayOf(
                "http://8.8.8.8",
                "http://172.32.0.1",
                "http://100.128.0.1",
                "http://[2001:db8::1]",
                "http://nas.local",
                "http://192.168.1.20.example.org",
                "http://192.168.1",
                "http://3232235796",
                "http://192.168.1.999",
                "http://user@8.8.8.8",
                "ftp://192.168.1.20",
                "http://",
                "192.168.1.20",
                "http://192.168.1.20\u0000.example.org",
            )
        assertEquals(emptyList<String>(), allowed(*refused))
    }

    /** Counts what would have gone out. */
    private class CountingHttp : Http {
        var count = 0

        override fun exchange(
            question: Question,
            receiver: Receiver,
            cancellation: Cancellation,
        ): Exchange {
            count++
            return Exchange.NoAnswer("reset")
        }

        override fun close() = Unit
    }

    private val nobody =
        object : Receiver {
            override fun begin(
                status: Int,
                header: (String) -> String?,
            ) = Receiver.Wish(0, refusesMore = true)

            override fun take(
                bytes: ByteArray,
                length: Int,
            ) = Unit
        }

    @Test
    fun whatIsRefusedSendsNothing() {
        val counting = CountingHttp()
        val http = GuardedHttp(counting)
        for (url in listOf("http://8.8.8.8", "HTTP://8.8.8.8", "http://name.invalid")) {
            val question = Question(ServerAddress(url, null), "GET", "/", "token", emptyMap(), null, timeoutMs = 1)
            assertTrue(url, http.exchange(question, nobody, Cancellation()) is Exchange.NoAnswer)
        }
        val noAddresses =
            listOf("http://", " http://8.8.8.8", "http://a_b.example.org", "http://192.168.1.20\\@example.org")
        for (url in noAddresses) {
            val question = Question(ServerAddress(url, null), "GET", "/", "token", emptyMap(), null, timeoutMs = 1)
            assertThrows(url, RefusedEffect::class.java) { http.exchange(question, nobody, Cancellation()) }
        }
        assertEquals(0, counting.count)
    }

    @Test
    fun tlsGoesAnywhere() {
        assertEquals(listOf("https://example.org"), allowed("https://example.org"))
    }
}

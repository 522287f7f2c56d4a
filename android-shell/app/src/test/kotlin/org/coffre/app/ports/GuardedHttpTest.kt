// Where plain HTTP may go. Rule: private addresses as numbers, and nothing that a name could lead to.

package org.coffre.app.ports

import org.junit.Assert.assertEquals
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

    @Test
    fun tlsGoesAnywhere() {
        assertEquals(listOf("https://example.org"), allowed("https://example.org"))
    }
}

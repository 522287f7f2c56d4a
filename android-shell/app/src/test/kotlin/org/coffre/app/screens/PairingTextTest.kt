// Texts from QR codes and keyboards. Rule: what is not exactly a server's address or a code is nothing.

package org.coffre.app.screens

import org.coffre.host.ports.ServerAddress
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class PairingTextTest {
    private val pin = "ab".repeat(32)

    private fun code(query: String) = PairingText.parse("coffre://pair?$query")

    @Test
    fun anAddressIsAskedByTlsUnlessItIsPrivate() {
        assertEquals("https://backup.example.org", PairingText.parse(" backup.example.org ")?.server?.url)
        assertEquals(
            "https://backup.example.org:8443",
            PairingText.parse("https://Backup.Example.org:8443/")?.server?.url,
        )
        assertEquals("http://192.168.1.20:8080", PairingText.parse("http://192.168.1.20:8080")?.server?.url)
        assertNull(PairingText.parse("http://backup.example.org"))
        assertNull(PairingText.parse("http://8.8.8.8"))
    }

    @Test
    fun aCodeHoldsAddressPinAndInvitation() {
        val read = code("server=https%3A%2F%2F192.168.1.20%3A8443&pin=$pin&invitation=7QK2-ABCD")
        assertEquals(PairingText(ServerAddress("https://192.168.1.20:8443", pin), "7QK2-ABCD"), read)
        assertEquals(PairingText(ServerAddress("https://example.org", null), null), code("server=https://example.org"))
    }

    @Test
    fun wrongCodesAreRefusedWhole() {
        val wrong =
            listOf(
                "",
                "server=",
                "pin=$pin",
                "server=https://example.org&pin=${pin.dropLast(1)}",
                "server=https://example.org&pin=${"g".repeat(64)}",
                "server=http://192.168.1.20&pin=$pin",
                "server=https://example.org&server=https://example.com",
                "server=https://example.org&then=https://example.com",
                "server=https://example.org&invitation=a%20b",
                "server=https://example.org/path",
                "server=https://user@example.org",
                "server=javascript:alert(1)",
                "server=https://example.org%",
            )
        for (query in wrong) assertNull(query, code(query))
    }

    @Test
    fun otherTextsAreNothing() {
        val wrong =
            listOf(
                "",
                "WIFI:T:WPA;S:home;P:secret;;",
                "otpauth://totp/x",
                "ftp://example.org",
                "mailto:ada@example.org",
                "https://",
                "https://exa mple.org",
                "https://example.org/?a=b",
                "https://example.org/#a",
                "\u0000",
                "é".repeat(20),
                "x".repeat(4_096),
            )
        for (text in wrong) assertNull(text, PairingText.parse(text))
    }
}

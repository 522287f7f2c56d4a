// Texts from QR codes and keyboards. Rule: what is not exactly a server's address or a code is refused, and says why.

package org.coffre.app.pairing

import org.coffre.host.ports.ServerAddress
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import java.io.File

class PairingTextTest {
    private val pin = "ab".repeat(32)

    private fun faultOf(query: String) = (PairingText.judge("coffre://pair?$query") as? NoPairing)?.fault

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
        val read =
            PairingText.parse("coffre://pair?server=https%3A%2F%2F192.168.1.20%3A8443&pin=$pin&invitation=7QK2-ABCD")
        assertEquals(PairingText(ServerAddress("https://192.168.1.20:8443", pin), "7QK2-ABCD"), read)
        assertEquals(
            PairingText(ServerAddress("https://example.org", null), null),
            PairingText.parse("coffre://pair?server=https://example.org"),
        )
    }

    @Test
    fun theExampleOfTheProtocolIsRead() {
        val protocol = File(checkNotNull(System.getProperty("coffre.repository")), "docs/protocol.md").readText()
        val example = checkNotNull(Regex("`(coffre://pair\\?server=[^`]+)`").find(protocol)).groupValues[1]
        val read = checkNotNull(PairingText.parse(example))
        assertEquals("https://192.168.1.20:8484", read.server.url)
        assertEquals("00112233445566778899aabbccddeeff".repeat(2), read.server.pin)
        assertEquals("7QK2A-9MXNB-RT4CD-HJ8EF", read.invitation)
        assertEquals(read.copy(invitation = null), PairingText.parse(PairingText.format(read.server)))
    }

    @Test
    fun wrongCodesAreRefusedWholeAndSayWhy() {
        val example = "server=https://example.org"
        val wrong =
            mapOf(
                "" to PairingFault.FIELDS,
                "server=" to PairingFault.SERVER,
                "pin=$pin" to PairingFault.FIELDS,
                "$example&pin=${pin.dropLast(1)}" to PairingFault.PIN,
                "$example&pin=${"g".repeat(64)}" to PairingFault.PIN,
                "$example&pin=" to PairingFault.PIN,
                "server=http://192.168.1.20&pin=$pin" to PairingFault.PIN,
                "$example&server=https://example.com" to PairingFault.FIELDS,
                "$example&then=https://example.com" to PairingFault.FIELDS,
                "$example&invitation=a%20b" to PairingFault.INVITATION,
                "$example&invitation=${"A".repeat(129)}" to PairingFault.INVITATION,
                "$example/path" to PairingFault.SERVER,
                "server=https://user@example.org" to PairingFault.SERVER,
                "server=http://example.org" to PairingFault.SERVER,
                "server=javascript:alert(1)" to PairingFault.SERVER,
                "$example%" to PairingFault.FIELDS,
                "$example&invitation=é" to PairingFault.FIELDS,
                "server=${"a".repeat(4_096)}" to PairingFault.LONG,
            )
        for ((query, fault) in wrong) assertEquals(query, fault, faultOf(query))
    }

    @Test
    fun codesForSomethingElseAreNamedAsSuch() {
        val other =
            listOf(
                "",
                "WIFI:T:WPA;S:home;P:secret;;",
                "otpauth://totp/x",
                "ftp://example.org",
                "mailto:ada@example.org",
                "example.org",
                "https://",
                "https://exa mple.org",
                "https://example.org/?a=b",
                "https://example.org/#a",
                "coffre://unpair?server=https://example.org",
                "\u0000",
                "é".repeat(20),
            )
        for (text in other) assertEquals(text, NoPairing(PairingFault.OTHER), PairingText.judgeScanned(text))
        assertEquals(NoPairing(PairingFault.LONG), PairingText.judgeScanned("x".repeat(4_096)))
    }
}

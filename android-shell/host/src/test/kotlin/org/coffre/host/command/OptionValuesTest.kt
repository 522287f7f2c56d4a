// What people write behind options. Rule: the same texts give the same values as in the `coffre` command.

package org.coffre.host.command

import org.coffre.host.ports.ServerAddress
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource

class OptionValuesTest {
    private fun expectUsage(work: () -> Unit) =
        assertEquals(ExitCode.USAGE, assertThrows(CommandFailed::class.java, work).exitCode)

    @ParameterizedTest
    @CsvSource(
        "backup.example.org, https://backup.example.org",
        "https://Backup.Example.org:443, https://backup.example.org",
        "HTTPS://192.0.2.7:8484/, https://192.0.2.7:8484",
        "https://[2001:db8::1]:9, https://[2001:db8::1]:9",
        "http://127.0.0.1:8484, http://127.0.0.1:8484",
        "http://localhost, http://localhost",
        "http://[::1]:1, http://[::1]:1",
    )
    fun `a server is its origin`(
        text: String,
        url: String,
    ) = assertEquals(ServerAddress(url, null), parseServer(text, null, allowHttp = false))

    @ParameterizedTest
    @ValueSource(
        strings = [
            "", "ftp://a", "https://", "https://a/path", "https://u:p@a", "https://a?q", "https://a#f",
            "http://example.org", "https://a b",
        ],
    )
    fun `what is no server, or plain http to another machine, is refused`(text: String) =
        expectUsage { parseServer(text, null, allowHttp = false) }

    @Test
    fun `plain http to another machine is possible when it is asked for`() =
        assertEquals("http://example.org", parseServer("http://example.org", null, allowHttp = true).url)

    @Test
    fun `a pin is 64 hex digits however it is written, and wants https`() {
        val pin = "ab".repeat(32)
        for (text in listOf(
            pin,
            pin.uppercase(),
            "sha256:$pin",
            "SHA256/$pin",
            " ${pin.chunked(2).joinToString(":")} ",
        )) {
            assertEquals(pin, parseServer("https://a", text, allowHttp = false).pin)
        }
        for (text in listOf("", pin.drop(1), "${pin}0", "g".repeat(64))) expectUsage { parsePin(text) }
        expectUsage { parseServer("http://localhost", pin, allowHttp = false) }
    }

    @ParameterizedTest
    @CsvSource("1k, 1000", "500k, 500000", "2M, 2000000", "1.5MB/s, 1500000", "1000, 1000", "3GiB, 3000000000")
    fun `a rate is bytes per second`(
        text: String,
        rate: Long,
    ) = assertEquals(rate, parseRate(text))

    @ParameterizedTest
    @ValueSource(strings = ["", "k", "999", "0.9k", "-1k", "1x", "1e9", "99999999999999999999g"])
    fun `a rate that is none, or too small, is refused`(text: String) = expectUsage { parseRate(text) }

    @ParameterizedTest
    @CsvSource(
        "2026-11-21T10:15:00Z, 1795256100000",
        "2026-11-21t10:15:00.250+01:00, 1795252500250",
        "2026-11-21 10:15:00Z, 1795256100000",
        "@1795256100, 1795256100000",
    )
    fun `a time with its zone is that moment`(
        text: String,
        timeMs: Long,
    ) = assertEquals(timeMs, parseTime(text))

    @Test
    fun `a time without a zone is local, and a date is its end`() {
        assertEquals(parseTime("2026-11-21 10:15:30"), parseTime("2026-11-21T10:15") + 30_000)
        assertEquals(parseTime("2026-11-22 00:00") - 1, parseTime("2026-11-21"))
    }

    @ParameterizedTest
    @ValueSource(strings = ["", "now", "2026-02-30", "2026-11-21 25:00", "2026-11-21T10:15:00+1", "@-1", "@1.5"])
    fun `what is no time is refused`(text: String) = expectUsage { parseTime(text) }

    @ParameterizedTest
    @CsvSource("a, a, ''", "a/b/c, a, b/c", "a/b/, a, b", "a/, a, ''", "a//6162ff, a, /6162ff")
    fun `a place is a root and a path`(
        text: String,
        root: String,
        path: String,
    ) = assertEquals(Selection(root, path), parseSelection(text))
}

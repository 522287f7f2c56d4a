// What is shown to people. Rule: the same as the `coffre` command shows (cli/test/printable.test.ts).

package org.coffre.host.command

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource

class PrintableTest {
    @Test
    fun `what a terminal would act on is written out`() {
        assertEquals("a\\nb\\r\\t\\\\", showName("a\nb\r\t\\"))
        assertEquals("\\x1b[31m\\x00\\x7f\\x9b", showName("\u001b[31m\u0000\u007f\u009b"))
        assertEquals("\\u202etxt.\\u2066\\ufeff", showName("\u202etxt.\u2066\ufeff"))
        assertEquals("\\ud800 \\udc00", showName("\ud800 \udc00"))
        assertEquals("été 🌊 \"it's\"", showName("été 🌊 \"it's\""))
    }

    @ParameterizedTest
    @CsvSource(
        "0, 0 B",
        "1, 1 B",
        "999, 999 B",
        "1000, 1.00 kB",
        "1234, 1.23 kB",
        "9994, 9.99 kB",
        "9995, 9.99 kB",
        "9996, 10.0 kB",
        "12345, 12.3 kB",
        "99949, 99.9 kB",
        "99960, 100 kB",
        "123456, 123 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "2500000000, 2.50 GB",
        "9007199254740991, 9.01 PB",
    )
    fun `bytes have three digits`(
        bytes: Long,
        text: String,
    ) = assertEquals(text, showBytes(bytes))

    @Test
    fun `a number stands with its word`() {
        assertEquals(
            listOf("0 files", "1 file", "2 files", "1,234,567 files"),
            listOf(0L, 1L, 2L, 1_234_567L).map {
                showCount(it, "file")
            },
        )
    }
}

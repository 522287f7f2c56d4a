// Names and paths as text. Rule: the shared vectors say what a path is.

package org.coffre.host.ports

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.Vector
import org.coffre.host.plane.readVectors
import org.coffre.host.plane.string
import org.coffre.host.plane.stringOrNull
import org.coffre.host.runtime.RefusedEffect
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

class NamesTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("pathVectors")
    fun `splits paths as the vectors say`(vector: Vector) {
        val path = vector.input.string("path")
        val expected = vector.expected
        if (expected == null) {
            assertThrows(RefusedEffect::class.java) { splitPath(path) }
            return
        }
        val components = (expected["components"] as JsonArray).map { it as JsonObject }
        val texts = components.map { it.stringOrNull("text") ?: "/${it.string("hex")}" }
        assertEquals(texts, splitPath(path))
        assertEquals(path, texts.fold("", ::joinPath))
    }

    @Test
    fun `gives every name a text and its bytes back`() {
        val names = listOf("a", "é", "🌊", "%2f", "\uffff", "\ufffd").map { it.toByteArray() }
        val odd = listOf(byteArrayOf(-1), byteArrayOf(0x61, -1), byteArrayOf(-19, -96, -128), ByteArray(255) { -4 })
        for (bytes in names + odd) {
            val text = nameText(bytes)
            assertEquals(bytes in odd, text.startsWith("/"))
            assertArrayEquals(bytes, nameBytes(text))
            assertEquals(listOf(text), splitPath(text))
        }
    }

    @Test
    fun `refuses what no file system holds`() {
        val names =
            listOf(
                "",
                ".",
                "..",
                "a/b",
                "a\u0000",
                "x".repeat(256),
                "é".repeat(128),
                "\ud800",
                "/61",
                "/",
                "/f",
                "/FF",
                "/ff00",
                "/2fff",
            )
        for (name in names) assertFalse(isCreatable(name), name)
        assertThrows(RefusedEffect::class.java) { splitPath(List(513) { "a" }.joinToString("/")) }
        assertEquals(512, splitPath(List(512) { "a" }.joinToString("/")).size)
    }

    @Test
    fun `orders names by the bytes of their text`() {
        val texts =
            listOf(
                "\uffff",
                "😀",
                "Z",
                "a",
                "ä",
                "a\u0308",
                "é",
                "~",
                "0",
                "10",
                "9",
                "-",
                " ",
                "\u0001",
                "ab",
                "",
                "/ff",
                "/61ff",
            )
        val byBytes = texts.sortedWith { left, right -> compareBytes(left.toByteArray(), right.toByteArray()) }
        assertEquals(byBytes, texts.shuffled(java.util.Random(1)).sortedWith(ORDER_OF_NAMES))
    }

    private fun compareBytes(
        left: ByteArray,
        right: ByteArray,
    ): Int {
        val differs = left.zip(right).firstOrNull { (a, b) -> a != b }
        return differs?.let { (a, b) -> (a.toInt() and 0xff) - (b.toInt() and 0xff) } ?: (left.size - right.size)
    }

    companion object {
        @JvmStatic
        fun pathVectors() = readVectors("path")
    }
}

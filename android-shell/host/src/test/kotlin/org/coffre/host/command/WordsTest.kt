// Two programs, the same words. Rule: the sources of the `coffre` command are read, so that a word changed there fails here.

package org.coffre.host.command

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path

class WordsTest {
    private val root = Path.of(System.getProperty("coffre.repository"))
    private val words = Files.readString(root.resolve("cli/src/words.ts"))

    /** The entries of a table of cli/src/words.ts. */
    private fun tableOf(name: String): Map<String, String> {
        val body = words.substringAfter("const $name").substringAfter("{").substringBefore("\n};")
        return Regex("(?m)^ +(?:\"([a-z0-9/-]+)\"|([a-z]+)):\\s*(\"(?:[^\"\\\\]|\\\\.)*\")")
            .findAll(body)
            .associate { (it.groupValues[1] + it.groupValues[2]) to Json.decodeFromString<String>(it.groupValues[3]) }
    }

    @Test
    fun `every code has the words that the command on Node has for it`() {
        for ((name, ours) in listOf(
            "WAITING_WORDS" to WAITING_WORDS,
            "FAILURE_WORDS" to FAILURE_WORDS,
            "DAMAGE_WORDS" to DAMAGE_WORDS,
            "NOTICE_WORDS" to NOTICE_WORDS,
        )) {
            val theirs = tableOf(name)
            assertTrue(theirs.size > 5, name)
            assertEquals(theirs, ours, name)
        }
    }

    @Test
    fun `codes of a newer engine are shown as they are`() {
        assertEquals("It failed: peer-tired.", failureWords("peer-tired"))
        assertEquals("blob-tired", damageWords("blob-tired"))
        assertEquals("tired: 3.", noticeWords("tired", 3))
        assertEquals("tired.", noticeWords("tired", null))
    }

    @Test
    fun `the version is that of the command on Node`() {
        val manifest = Json.parseToJsonElement(Files.readString(root.resolve("cli/package.json"))) as JsonObject
        assertEquals((manifest["version"] as JsonPrimitive).content, VERSION)
    }
}

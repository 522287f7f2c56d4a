// Marks of Coffre's own folders. Rule: files are real; whether a folder is left out of a backup hangs on nothing but what is in it.

package org.coffre.host.effects

import org.coffre.host.jvm.JvmFiles
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

class OwnFoldersTest {
    @TempDir
    lateinit var folder: File

    private val files = JvmFiles()
    private val own = OwnFolders(files)
    private val mark get() = File(folder, ".coffre-own")

    private fun isMarked(place: File) = own.isMarked(files.locate(place.path))

    private fun isInside(place: File) = own.isInside(files.locate(place.path))

    @Test
    fun `a folder that was marked is Coffre's own, and so is every root in it, but not the folder above`() {
        val vault = File(folder, "vault").apply { mkdir() }
        val below = File(vault, "a/b").apply { mkdirs() }
        markOwnFolder(vault)
        assertTrue(isMarked(vault))
        assertEquals(listOf(true, true, false), listOf(vault, below, folder).map(::isInside))
        assertFalse(isMarked(below))
    }

    @Test
    fun `the mark is the line of the host API, which other hosts read, and a program of another user may`() {
        markOwnFolder(folder)
        assertEquals("coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n", mark.readText())
        assertTrue("others" in modesOf(mark))
    }

    @Test
    fun `an empty mark, which a full disk left, is none until it is written anew`() {
        mark.createNewFile()
        assertFalse(isMarked(folder))
        markOwnFolder(folder)
        assertTrue(isMarked(folder))
    }

    @Test
    fun `a file that merely has the name is none, and is left as it is`() {
        val foreign = "my own notes about this folder, which are longer than the line\n".toByteArray()
        mark.writeBytes(foreign)
        markOwnFolder(folder)
        assertArrayEquals(foreign, mark.readBytes())
        assertFalse(isMarked(folder))
    }

    @Test
    fun `a mark with more behind its line counts up to its limit, and a shorter one does not`() {
        markOwnFolder(folder)
        val line = mark.readText()
        for ((text, isMark) in listOf(
            line.dropLast(1) to false,
            line + "x".repeat(1_024 - line.length) to true,
            line + "x".repeat(1_025 - line.length) to false,
            " $line" to false,
        )) {
            mark.writeText(text)
            assertEquals(isMark, isMarked(folder), "of ${text.length} bytes")
        }
    }

    @Test
    fun `a folder of the mark's name is none, and what is not there has none`() {
        mark.mkdir()
        markOwnFolder(folder)
        assertFalse(isMarked(folder))
        assertFalse(isMarked(File(folder, "nowhere")))
        assertFalse(isInside(File(folder, "nowhere/below")))
    }

    private fun modesOf(file: File): List<String> =
        java.nio.file.Files
            .getPosixFilePermissions(file.toPath())
            .filter { it.name.endsWith("_READ") }
            .map { it.name.substringBefore('_').lowercase() }
}

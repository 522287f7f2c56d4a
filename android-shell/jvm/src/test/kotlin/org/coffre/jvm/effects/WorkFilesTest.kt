// Files that grow under their temporary names. Rule: nothing counts as written that the file system took back.

package org.coffre.jvm.effects

import org.coffre.host.effects.WorkFiles
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileWriting
import org.coffre.host.ports.Files
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.nio.file.Files as Nio

class WorkFilesTest {
    @TempDir
    lateinit var folder: Path
    private val real = JvmFiles()
    private val piece = ByteSlice(byteArrayOf(1, 2, 3), 1, 2)

    @Test
    fun `what was written is there once it is flushed`() {
        WorkFiles(real, listOf(folder.toString())).use { work ->
            for (path in listOf("a", "in/b", "a")) assertNull(work.write(0, path, 4, piece))
            assertNull(work.flush())
        }
        assertEquals(listOf(6L, 6L), listOf("a", "in/b").map { Nio.size(folder.resolve(it)) })
    }

    @Test
    fun `a file system that says only at closing that it has no room is heard, of every file`() {
        for (full in listOf("first", "last")) {
            WorkFiles(TellingLate(real, full), listOf(folder.toString())).use { work ->
                for (path in listOf("first", "last")) assertNull(work.write(0, path, 0, piece))
                assertEquals("no-space", work.flush())
            }
        }
    }

    /** As a network's file system: writing goes to memory, and closing says what became of it. */
    private class TellingLate(
        private val real: Files,
        private val full: String,
    ) : Files by real {
        override fun openToWrite(
            file: Place,
            opening: Opening,
        ): FileWriting {
            val writing = real.openToWrite(file, opening)
            if (!file.toString().contains(full)) return writing
            return object : FileWriting by writing {
                override fun close() {
                    writing.close()
                    throw FileFault(FileReason.NO_SPACE)
                }
            }
        }
    }
}

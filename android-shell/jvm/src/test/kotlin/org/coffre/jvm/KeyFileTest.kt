// Keys of the device in a file. Rule: a file that is not whole is refused, and nothing that was replaced stays on the disk.

package org.coffre.jvm

import org.coffre.host.ports.formatHex
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.READ
import java.util.Base64

class KeyFileTest {
    @TempDir
    lateinit var folder: Path
    private val file get() = folder.resolve("keys.json")

    @Test
    fun `keeps keys for the next who opens it, readable by its owner alone`() {
        KeyFile(file).use { keys ->
            keys.write("a.slot-1", KEY.copyOf())
            keys.write("gone", OTHER.copyOf())
            keys.erase("gone")
            keys.erase("never")
        }
        KeyFile(file).use { keys ->
            assertArrayEquals(KEY, keys.find("a.slot-1"))
            assertNull(keys.find("gone"))
        }
        assertEquals(
            "rw-------",
            Files.getPosixFilePermissions(file).let {
                java.nio.file.attribute.PosixFilePermissions
                    .toString(it)
            },
        )
    }

    @Test
    fun `writes the form of the coffre command`() {
        KeyFile(file).use { it.write("slot", KEY.copyOf()) }
        assertEquals(
            "{\"form\":1,\"slots\":{\"slot\":\"${Base64.getEncoder().encodeToString(KEY)}\"}}\n",
            Files.readString(file),
        )
    }

    @Test
    fun `overwrites what the file was before`() {
        KeyFile(file).use { keys ->
            keys.write("slot", KEY.copyOf())
            FileChannel.open(file, READ).use { before ->
                keys.write("slot", OTHER.copyOf())
                val left = java.nio.ByteBuffer.allocate(before.size().toInt())
                before.read(left, 0)
                assertEquals("00".repeat(left.capacity()), formatHex(left.array()))
            }
        }
    }

    @Test
    fun `a key that could not be written is not there, and the one before it still is`() {
        KeyFile(file).use { keys ->
            keys.write("kept", KEY.copyOf())
            // A folder that is not empty, where the next file would be written first.
            Files.createDirectories(folder.resolve("keys.json.new/in the way"))
            for (slot in listOf("new", "kept")) {
                val bytes = OTHER.copyOf()
                assertThrows(IOException::class.java) { keys.write(slot, bytes) }
                assertArrayEquals(ByteArray(32), bytes)
            }
            assertThrows(IOException::class.java) { keys.erase("kept") }
            assertNull(keys.find("new"))
            assertArrayEquals(KEY, keys.find("kept"))
        }
        KeyFile(file).use { assertArrayEquals(KEY, it.find("kept")) }
    }

    @Test
    fun `one that is closed writes no file without its keys`() {
        val keys = KeyFile(file)
        keys.write("slot", KEY.copyOf())
        keys.close()
        assertThrows(IllegalStateException::class.java) { keys.write("other", OTHER.copyOf()) }
        KeyFile(file).use { assertArrayEquals(KEY, it.find("slot")) }
    }

    @Test
    fun `refuses a file that is cut, changed, or newer, and quotes nothing of it`() {
        val key = Base64.getEncoder().encodeToString(KEY)
        val whole = "{\"form\":1,\"slots\":{\"slot\":\"$key\"}}"
        val bad =
            listOf(
                "",
                whole.dropLast(10),
                "\"$key\"",
                "[]",
                whole.replace("1", "2"),
                whole.replace("slot\"", "A slot\""),
                whole.replace(key, key.drop(1)),
                whole.replace("\"$key\"", "1"),
                whole.replace(key, ""),
                "{\"form\":1}",
            )
        for (text in bad) {
            Files.write(file, text.toByteArray())
            val error = assertThrows(KeysUnreadable::class.java, { KeyFile(file) }, text)
            assertFalse(key in error.toString())
        }
        Files.write(file, whole.toByteArray())
        KeyFile(file).use { assertArrayEquals(KEY, it.find("slot")) }
    }

    private companion object {
        val KEY = ByteArray(32) { (it + 1).toByte() }
        val OTHER = ByteArray(32) { (100 - it).toByte() }
    }
}

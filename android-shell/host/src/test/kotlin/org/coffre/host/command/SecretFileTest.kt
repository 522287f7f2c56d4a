// Files with secrets, and homes that are given. Rule: what is no UTF-8 is refused, since repairing it makes another secret of it;
// what others need stays as it is.

package org.coffre.host.command

import org.coffre.host.effects.GivenPassphrase
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import kotlin.concurrent.thread

class SecretFileTest {
    @TempDir
    lateinit var folder: Path

    private fun frame(file: Path): CommandFrame {
        val print = PrintStream(ByteArrayOutputStream())
        val args = listOf("init", "--passphrase-file", file.toString())
        val line = parseLine(args, listOf(InitCommand.spec))
        return CommandFrame(line, Output(print, print, isJson = false), emptyMap(), Home(folder.resolve("home")))
    }

    private fun write(bytes: ByteArray): Path = Files.write(folder.resolve("secret"), bytes)

    private fun passphraseOf(file: Path): String {
        val given = frame(file).choosePassphrases().ask(isNew = false) as GivenPassphrase.Given
        return String(given.utf8, Charsets.UTF_8)
    }

    @Test
    fun `a mark of the encoding and one line feed at the end do not belong to a passphrase`() {
        for (text in listOf("seven quiet herons", "\ufeffseven quiet herons\r\n", "seven quiet herons\n")) {
            assertEquals("seven quiet herons", passphraseOf(write(text.toByteArray())))
        }
        assertEquals("two\n", passphraseOf(write("two\n\n".toByteArray())))
    }

    @Test
    fun `a passphrase that is not UTF-8 is refused`() {
        val latin = byteArrayOf(0x67, 0xe9.toByte(), 0x6e)
        for (bytes in listOf(
            latin,
            "quiet".toByteArray(Charsets.UTF_16LE),
            byteArrayOf(0xff.toByte(), 0xfe.toByte()),
        )) {
            val failed = assertThrows(CommandFailed::class.java) { frame(write(bytes)).choosePassphrases() }
            assertEquals(ExitCode.USAGE, failed.exitCode)
        }
    }

    @Test
    fun `a pipe is read once`() {
        val pipe = folder.resolve("pipe")
        assertEquals(0, ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
        val writer = thread { Files.newOutputStream(pipe).use { it.write("seven quiet herons\n".toByteArray()) } }
        assertEquals("seven quiet herons", passphraseOf(pipe))
        writer.join()
    }

    @Test
    fun `a home that was there keeps its mode, and one with other things is refused`() {
        val open = PosixFilePermissions.fromString("rwxr-xr-x")
        val home = Files.createDirectory(folder.resolve("home"))
        Files.setPosixFilePermissions(home, open)
        Home(home).make()
        Files.createFile(home.resolve("letter"))
        val failed = assertThrows(CommandFailed::class.java) { Home(home).make() }
        assertEquals(ExitCode.USAGE, failed.exitCode)
        assertEquals(open, Files.getPosixFilePermissions(home))
        Files.createFile(home.resolve("state.db"))
        Home(home).make()
    }

    @Test
    fun `a home that is made is its owner's alone`() {
        val home = folder.resolve("new")
        Home(home).make()
        assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(home))
    }
}

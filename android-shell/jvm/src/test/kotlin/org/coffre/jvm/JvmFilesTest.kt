// The file system by java.nio. Rule: what is done is looked at with the system's own programs or by its bytes.

package org.coffre.jvm

import org.coffre.host.jvm.JvmFiles
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place
import org.coffre.host.ports.nameText
import org.coffre.host.runtime.RefusedEffect
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.Files as Nio

class JvmFilesTest {
    @TempDir
    lateinit var folder: Path
    private val files = JvmFiles()
    private val root: Place get() = files.locate(folder.toString())

    private fun namesIn(folder: Place) = files.list(folder).names.map { it.name }

    @Test
    fun `keeps names to the byte`() {
        val names = listOf("a", "é\n", "🌊", "%2e", "\ufffd", "\uffff").map { it.toByteArray() } + ODD_NAMES
        for (name in names) write(root.below(nameText(name)), "x")
        assertEquals(names.map(::nameText).sorted(), namesIn(root).sorted())
        val listed = run("ls", "-1", "-A", "--quoting-style=escape", "--zero", folder.toString())
        assertEquals(names.size, listed.count { it == '\u0000' })
        for (name in names) files.delete(root.below(nameText(name)))
        assertEquals(emptyList<String>(), namesIn(root))
    }

    @Test
    fun `makes and reads links to the byte, also with slashes that java-nio would drop`() {
        val targets =
            listOf(
                "x",
                ".",
                "..",
                "/",
                "//",
                "a/",
                "a//b",
                "/etc//hostname/",
                "../..",
                "é",
                "é/",
                "🌊\n",
                "'\$(x)`\\'%s",
            ).map {
                it.toByteArray()
            }
        for ((at, target) in (targets + ODD_NAMES).withIndex()) {
            val link = root.below("link $at")
            files.makeLink(link, target)
            assertEquals(FileKind.LINK, files.stat(link)?.kind)
            assertArrayEquals(target, files.readLink(link))
            files.delete(link)
        }
    }

    @Test
    fun `sets times to the microsecond, also before 1970, of files, folders and links, whatever their names`() {
        val moments =
            listOf(
                1_500_000_000L to 123_457,
                0L to 1,
                -1L to 0,
                -1L to 250_000,
                -1L to 999_999,
                -158_000_001L to 750_000,
                4_102_444_800L to 999_999,
            )
        val odd = root.below(nameText(ODD_NAMES.first()))
        val file = odd.below("file\n'")
        val link = odd.below("link\n")
        files.makeFolder(odd)
        write(file, "x")
        files.makeLink(link, "nowhere".toByteArray())
        for ((seconds, microseconds) in moments) {
            val time = FileTimestamp.of(seconds, microseconds)
            for (place in listOf(file, link, odd)) {
                files.setTime(place, time)
                assertEquals(time, files.stat(place)?.modified)
            }
        }
    }

    @Test
    fun `sets the nearest time that the file system has for one that it has not`() {
        val file = root.below("file")
        write(file, "x")
        val farthest = 9_007_199_254_740_991
        for (time in listOf(FileTimestamp.of(farthest, 0), FileTimestamp.of(-farthest, 0))) {
            files.setTime(file, time)
            assertEquals(time.seconds > 0, checkNotNull(files.stat(file)).modified.seconds > 0)
        }
    }

    @Test
    fun `leaves it to the file system how long a name may be`() {
        assertFault(FileReason.NAME) { files.stat(root.below("é".repeat(200))) }
        for (name in listOf("", ".", "..", "a\u0000", "//2f", "/61")) {
            assertThrows(RefusedEffect::class.java, { root.below(name) }, name)
        }
    }

    @Test
    fun `leaves nothing under a new name when the move to it fails`() {
        val elsewhere = Paths.get("/dev/shm")
        assumeTrue(Nio.isWritable(elsewhere) && Nio.getFileStore(elsewhere) != Nio.getFileStore(folder))
        val from = Nio.createTempFile(elsewhere, "coffre", null)
        try {
            assertThrows(FileFault::class.java) { files.moveNew(files.locate(from.toString()), root.below("new")) }
            assertEquals(emptyList<String>(), namesIn(root))
        } finally {
            Nio.delete(from)
        }
    }

    @Test
    fun `tells kinds, sizes and modes`() {
        val file = root.below("file")
        write(file, "content")
        files.setMode(file, 0xdff)
        val stat = checkNotNull(files.stat(file))
        assertEquals(listOf(FileKind.FILE, 7L, 0xdff), listOf(stat.kind, stat.sizeBytes, stat.mode))
        assertEquals(FileKind.FOLDER, files.stat(root)?.kind)
        assertNull(files.stat(root.below("gone")))
        assertNull(files.stat(file.below("below a file")))
        run("mkfifo", folder.resolve("pipe").toString())
        assertEquals(FileKind.PIPE, files.stat(root.below("pipe"))?.kind)
        assertEquals(FileKind.DEVICE, files.stat(files.locate("/dev/null"))?.kind)
    }

    @Test
    fun `sets sizes, and writes at any offset`() {
        val file = root.below("file")
        files.openToWrite(file, Opening.NEW).use {
            it.write(5, "abcdef".toByteArray(), 1, 3)
            it.setSize(10)
        }
        assertArrayEquals("\u0000\u0000\u0000\u0000\u0000bcd\u0000\u0000".toByteArray(), read(file))
        files.openToWrite(file, Opening.EXISTING).use { it.setSize(6) }
        assertArrayEquals("\u0000\u0000\u0000\u0000\u0000b".toByteArray(), read(file))
        files.openToWrite(file, Opening.EXISTING_OR_NEW).use { it.setSize(0) }
        assertEquals(0, files.stat(file)?.sizeBytes)
    }

    @Test
    fun `replaces files and links, never folders, and moves to new names without replacing`() {
        for (name in listOf("one", "two", "three")) write(root.below(name), name)
        files.makeFolder(root.below("folder"))
        files.replace(root.below("one"), root.below("two"))
        assertArrayEquals("one".toByteArray(), read(root.below("two")))
        assertFault(FileReason.IS_A_FOLDER) { files.replace(root.below("two"), root.below("folder")) }
        assertFault(FileReason.EXISTS) { files.moveNew(root.below("two"), root.below("three")) }
        assertFault(FileReason.VANISHED) { files.moveNew(root.below("gone"), root.below("new")) }
        files.moveNew(root.below("two"), root.below("new"))
        assertEquals(setOf("folder", "new", "three"), namesIn(root).toSet())
    }

    @Test
    fun `says why something is not done, and no name with it`() {
        write(root.below("file"), "x")
        files.makeLink(root.below("link"), "file".toByteArray())
        files.makeFolder(root.below("folder"))
        assertFault(FileReason.VANISHED) { files.openToRead(root.below("gone")) }
        assertFault(FileReason.NOT_A_FOLDER) { files.openToRead(root.below("file").below("x")) }
        assertFault(FileReason.NOT_A_FILE) { files.openToRead(root.below("link")) }
        assertFault(FileReason.NOT_A_FILE) { files.openToWrite(root.below("link"), Opening.EXISTING) }
        assertFault(FileReason.EXISTS) { files.openToWrite(root.below("file"), Opening.NEW) }
        assertFault(FileReason.EXISTS) { files.makeFolder(root.below("file")) }
        assertFault(FileReason.VANISHED) { files.makeFolder(root.below("gone").below("x")) }
        assertFault(FileReason.VANISHED) { files.delete(root.below("gone")) }
        assertFault(FileReason.NOT_A_FOLDER) { files.list(root.below("file")) }
        assertFault(FileReason.NO_SPACE) {
            files.openToWrite(files.locate("/dev/full"), Opening.EXISTING).use { it.write(0, ByteArray(1), 0, 1) }
        }
    }

    @Test
    fun `finishes a folder that shuts out its owner, also again, and never through a link`() {
        val folder = root.below("folder")
        val link = root.below("link")
        files.makeFolder(folder)
        files.makeLink(link, "folder".toByteArray())
        for (time in listOf(7L, 8L).map { FileTimestamp.of(it, 0) }) {
            files.finishFolder(folder, time, 0)
            assertEquals(time to 0, files.stat(folder)?.let { it.modified to it.mode })
        }
        assertFault(FileReason.NOT_A_FILE) { files.finishFolder(link, FileTimestamp.of(9, 0), 0x1ff) }
        assertEquals(0, files.stat(folder)?.mode)
        files.finishFolder(folder, FileTimestamp.of(9, 0), 0x1c0)
        files.finishFolder(folder, FileTimestamp.of(9, 0), null)
        assertEquals(0x1c0, files.stat(folder)?.mode)
    }

    @Test
    fun `flushes few files and many`() {
        val many = List(60) { root.below("file $it") }
        many.forEach { write(it, "x") }
        files.flushFiles(root, many)
        files.flushFiles(root, many.take(2))
        files.flushFolders(listOf(root))
        assertFault(FileReason.VANISHED) { files.flushFiles(root, listOf(root.below("gone"))) }
    }

    @Test
    fun `knows the mode of a new file, and leaves nothing behind`() {
        val mode = files.defaultMode(root)
        assertTrue(mode and 0x180 == 0x180 && mode and 0x49 == 0, "$mode")
        assertEquals(emptyList<String>(), namesIn(root))
    }

    private fun assertFault(
        reason: FileReason,
        work: () -> Unit,
    ) {
        val fault = assertThrows(FileFault::class.java) { work() }
        assertEquals(listOf(reason, reason.name), listOf(fault.reason, fault.message))
    }

    private fun write(
        file: Place,
        text: String,
    ) = files.openToWrite(file, Opening.NEW).use { it.write(0, text.toByteArray(), 0, text.length) }

    private fun read(file: Place): ByteArray {
        val bytes = ByteArray(100)
        return bytes.copyOf(files.openToRead(file).use { it.read(0, bytes, 0, bytes.size) })
    }

    private fun run(vararg command: String): String {
        val process = ProcessBuilder(*command).redirectErrorStream(true).start()
        return process.inputStream.readBytes().toString(Charsets.ISO_8859_1)
    }

    private companion object {
        val ODD_NAMES = listOf(byteArrayOf(0x63, -23, 0x0a), byteArrayOf(-1, -2), byteArrayOf(0x73, -19, -96, -128))
    }
}

// Folders that the owner picked, an SD card among them. Rule: a provider that says nothing, or says that it is not through, has told of
// no empty folder, and what was on a card that is out is not gone.

package org.coffre.app.files

import android.os.Bundle
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import org.coffre.app.stage.FakeDocuments
import org.coffre.app.stage.PhoneStage
import org.coffre.app.stage.runCoffre
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.Place
import org.coffre.host.runtime.RefusedEffect
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class TreeFilesTest {
    private val stage = PhoneStage()
    private val files by lazy { PhoneFiles(stage.app) }
    private val root: Place get() = files.locate(FakeDocuments.tree.toString())

    @Before
    fun open() {
        stage.open()
        FakeDocuments.install()
    }

    @After
    fun close() = stage.close()

    private fun folder(
        id: String,
        above: String = FakeDocuments.ROOT,
    ) {
        FakeDocuments.items += FakeDocuments.Item(id, above, id)
    }

    private fun file(
        id: String,
        above: String = FakeDocuments.ROOT,
        name: String? = id,
        sizeBytes: Int = 1_000,
        flags: Int = 0,
    ): ByteArray {
        val bytes = ByteArray(sizeBytes).also { java.util.Random(id.hashCode().toLong()).nextBytes(it) }
        val on = File(stage.scratch, "card ${id.hashCode()}").apply { writeBytes(bytes) }
        FakeDocuments.items += FakeDocuments.Item(id, above, name, on, flags)
        return bytes
    }

    private fun names(listing: FolderListing) = listing.names.map { it.name }.sorted()

    private fun reasonOf(work: () -> Unit): FileReason = assertThrows(FileFault::class.java) { work() }.reason

    @Test
    fun aFolderIsToldByOneQuestionWithAllItsStatsAndBytesComeAsTheyAre() {
        folder("DCIM")
        val bytes = file("a.jpg", "DCIM", sizeBytes = 70_000)
        for (i in 1..50) file("$i.jpg", "DCIM", sizeBytes = i)
        assertEquals(listOf("DCIM"), names(files.list(root)))
        FakeDocuments.queries = 0
        val listing = files.list(root.below("DCIM"))
        assertEquals(1, FakeDocuments.queries)
        assertEquals(51, listing.names.size)
        assertTrue(listing.names.all { it.stat?.kind == FileKind.FILE })
        val into = ByteArray(60_000)
        files
            .openToRead(
                root.below("DCIM").below("a.jpg"),
            ).use { assertEquals(60_000, it.read(10_000, into, 0, 60_000)) }
        assertArrayEquals(bytes.copyOfRange(10_000, 70_000), into)
    }

    @Test
    fun aCardThatIsOutIsNoEmptyFolder() {
        file("a.jpg")
        files.list(root)
        FakeDocuments.isOut = true
        assertEquals(FileReason.IO, reasonOf { files.list(root) })
        assertEquals(FileReason.IO, reasonOf { files.stat(root) })
        assertEquals(FileReason.VANISHED, reasonOf { files.openToRead(root.below("a.jpg")).close() })
    }

    @Test
    fun accessThatIsWithdrawnBeforeOrDuringAQuestionIsNamed() {
        file("a.jpg")
        FakeDocuments.duringQuery = { FakeDocuments.withdraw() }
        assertEquals(FileReason.PERMISSION, reasonOf { files.list(root) })
        assertEquals(FileReason.PERMISSION, reasonOf { files.list(root) })
        FakeDocuments.duringQuery = {}
        FakeDocuments.grant()
        assertEquals(listOf("a.jpg"), names(files.list(root)))
    }

    @Test
    fun aProviderThatIsNotThroughTellsAPartAndOneThatFailsTellsNothing() {
        file("a.jpg")
        FakeDocuments.extras = Bundle().apply { putBoolean(DocumentsContract.EXTRA_LOADING, true) }
        assertTrue(files.list(root).isPartial)
        FakeDocuments.extras = Bundle().apply { putString(DocumentsContract.EXTRA_ERROR, "the cloud is away") }
        assertEquals(FileReason.IO, reasonOf { files.list(root) })
        FakeDocuments.duringQuery = { error("another app's mistake") }
        assertEquals(FileReason.IO, reasonOf { files.list(root) })
    }

    @Test
    fun twoDocumentsOfOneNameAndNamesThatAreNoneAreKeptApart() {
        file("1", name = "same.jpg", sizeBytes = 1)
        file("2", name = "same.jpg", sizeBytes = 2)
        file("3", name = "a/b")
        file("4", name = "..")
        file("5", name = null)
        val listed = files.list(root).names
        assertEquals(5, listed.map { it.name }.toSet().size)
        assertTrue(listed.none { it.name.drop(1).contains('/') || it.name == ".." })
        for (sizeBytes in 1L..2L) {
            val name = listed.single { it.stat?.sizeBytes == sizeBytes && it.name.startsWith("same.jpg") }.name
            assertEquals(sizeBytes, files.stat(root.below(name))?.sizeBytes)
        }
    }

    @Test
    fun aDocumentWithoutBytesOfItsOwnIsNoFile() {
        file("spreadsheet", flags = Document.FLAG_VIRTUAL_DOCUMENT)
        assertEquals(
            FileKind.UNKNOWN,
            files
                .list(root)
                .names
                .single()
                .stat
                ?.kind,
        )
    }

    @Test
    fun whatIsGoneIsNotThereAndOtherAddressesAreNoTrees() {
        file("a.jpg")
        files.list(root)
        FakeDocuments.items.removeIf { it.id == "a.jpg" }
        assertNull(files.stat(root.below("a.jpg")))
        assertThrows(RefusedEffect::class.java) { files.locate("content://org.example.cards/document/1") }
    }

    @Test
    fun whatWasOnACardThatIsPulledStaysAndWhatIsNewGoesUpWhenItIsBack() {
        val words = stage.createVault()
        folder("DCIM")
        file("a.jpg", "DCIM")
        file("b.jpg", "DCIM")
        stage.addRoot("card", FakeDocuments.tree.toString())
        stage.backUp()
        assertEquals(2L, stage.readCounts()["filesSynced"])
        FakeDocuments.isOut = true
        stage.backUp()
        assertEquals(2L, stage.readCounts()["filesSynced"])
        FakeDocuments.isOut = false
        val new = file("c.jpg", "DCIM")
        stage.backUp()
        assertEquals(mapOf("filesSynced" to 3L, "filesWaiting" to 0L), stage.readCounts())
        val back = File(stage.scratch, "back")
        val written = File(stage.scratch, "words.txt").apply { writeText(words) }
        val (code, said) =
            runCoffre(
                *arrayOf("restore", "--home", File(stage.scratch, "home").path, "--to", back.path),
                *arrayOf("--server", stage.url, "--login", "ada", "--recovery-file", written.path),
            )
        assertEquals(said, 0, code)
        assertArrayEquals(new, File(back, "card/DCIM/c.jpg").readBytes())
        assertTrue(File(back, "card/DCIM/a.jpg").isFile)
    }
}

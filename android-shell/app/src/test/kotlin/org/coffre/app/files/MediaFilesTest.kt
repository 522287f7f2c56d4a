// MediaStore as a tree. Rule: few questions, and no answer is believed without the owner's permission.

package org.coffre.app.files

import org.coffre.app.stage.FakeMedia
import org.coffre.app.stage.PhoneStage
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.Place
import org.coffre.host.runtime.RefusedEffect
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class MediaFilesTest {
    private val stage = PhoneStage()
    private val files by lazy { PhoneFiles(stage.app) }
    private val root: Place get() = files.locate("media:external_primary/DCIM")

    @Before
    fun open() = stage.open()

    @After
    fun close() = stage.close()

    private fun names(listing: FolderListing) = listing.names.map { it.name }.sorted()

    private fun reasonOf(work: () -> Unit): FileReason = assertThrows(FileFault::class.java) { work() }.reason

    @Test
    fun aWholeRootIsToldByOneQuestionWithAllItsStats() {
        for (id in 1L..300) stage.photo(id, "DCIM/Camera/", "$id.jpg", 10)
        stage.photo(301, "DCIM/", "top.jpg", 20)
        stage.photo(302, "Pictures/", "other.jpg", 20)
        assertEquals(listOf("Camera", "top.jpg"), names(files.list(root)))
        val camera = files.list(root.below("Camera"))
        assertEquals(300, camera.names.size)
        assertFalse(camera.isPartial)
        assertTrue(camera.names.all { it.stat?.kind == FileKind.FILE && it.stat?.sizeBytes == 10L })
        assertEquals(1, FakeMedia.queries)
    }

    @Test
    fun bytesComeAsTheyAre() {
        stage.photo(1, "DCIM/", "a.jpg", 200_000)
        val into = ByteArray(150_000)
        files.openToRead(root.below("a.jpg")).use { assertEquals(150_000, it.read(50_000, into, 0, 150_000)) }
        val bytes =
            FakeMedia.items
                .single()
                .bytes
                .readBytes()
        assertArrayEquals(bytes.copyOfRange(50_000, 200_000), into)
    }

    @Test
    fun anAnswerWithoutPermissionIsNoEmptyFolder() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        files.list(root)
        stage.withdrawPermissions()
        assertEquals(FileReason.PERMISSION, reasonOf { files.list(root) })
    }

    @Test
    fun permissionThatIsWithdrawnDuringAQuestionSpoilsItsAnswer() {
        FakeMedia.duringQuery = { stage.withdrawPermissions() }
        assertEquals(FileReason.PERMISSION, reasonOf { files.list(root) })
    }

    @Test
    @Config(sdk = [34])
    fun selectedPhotosAreAPartOfWhatIsThere() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        stage.withdrawPermissions()
        shadowOf(
            stage.app as android.app.Application,
        ).grantPermissions("android.permission.READ_MEDIA_VISUAL_USER_SELECTED")
        assertTrue(files.list(root).isPartial)
    }

    @Test
    @Config(sdk = [34])
    fun aPhotoIsNotReadWhileItsPlaceWouldBeCutOut() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        shadowOf(stage.app as android.app.Application).denyPermissions("android.permission.ACCESS_MEDIA_LOCATION")
        assertEquals(FileReason.PERMISSION, reasonOf { files.openToRead(root.below("a.jpg")).close() })
    }

    @Test
    fun aProviderThatSaysNothingOrThrowsIsNoEmptyFolder() {
        FakeMedia.isSilent = true
        assertEquals(FileReason.IO, reasonOf { files.list(root) })
        FakeMedia.duringQuery = { error("another app's mistake") }
        assertEquals(FileReason.IO, reasonOf { files.list(root) })
    }

    @Test
    @Config(sdk = [34])
    fun aNewGenerationIsLookedAtAndANewVersionKeepsTheRoot() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        val before = checkNotNull(files.stat(root)).identity
        assertEquals(listOf("a.jpg"), names(files.list(root)))
        stage.photo(2, "DCIM/", "b.jpg", 10)
        assertEquals(listOf("a.jpg", "b.jpg"), names(files.list(root)))
        FakeMedia.version = "2"
        assertEquals(before, checkNotNull(files.stat(root)).identity)
    }

    @Test
    fun aFileThatIsAnotherNowHasAnotherIdentity() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        val before = checkNotNull(files.stat(root.below("a.jpg"))).identity
        FakeMedia.items.clear()
        assertNull(files.stat(root.below("a.jpg")))
        stage.photo(2, "DCIM/", "a.jpg", 10)
        assertNotEquals(
            before,
            files
                .list(root)
                .names
                .single()
                .stat
                ?.identity,
        )
    }

    @Test
    fun aCardThatIsOutIsNotThere() {
        assertNull(files.stat(files.locate("media:1234-5678/DCIM")))
    }

    @Test
    fun otherTextsAreNoLocators() {
        for (text in listOf(
            "media:",
            "media:EXTERNAL/DCIM",
            "media:external_primary/../x",
            "media:external_primary//x",
            "relative",
            "content://media/1",
        )) {
            assertThrows(text, RefusedEffect::class.java) { files.locate(text) }
        }
    }

    @Test
    @Config(sdk = [34])
    fun originalsAreAskedForOfPhotosAndOfVideos() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        stage.photo(2, "DCIM/", "film.mp4", 10)
        for ((name, isPhoto) in listOf("a.jpg" to true, "film.mp4" to false)) {
            files.openToRead(root.below(name)).close()
            assertTrue(name, FakeMedia.asksForOriginals)
            assertEquals(if (isPhoto) "1" else null, FakeMedia.opened.last().getQueryParameter("requireOriginal"))
        }
    }

    @Test
    fun aPhotoThatIsBeingWrittenIsSeenWhenItIsWhole() {
        stage.photo(1, "DCIM/", "a.jpg", 10)
        stage.photo(2, "DCIM/", "b.jpg", 10)
        val pending = FakeMedia.items.last().apply { isPending = true }
        assertEquals(listOf("a.jpg"), names(files.list(root)))
        pending.isPending = false
        FakeMedia.generation++
        assertEquals(
            listOf("a.jpg", "b.jpg"),
            names(
                PhoneFiles(stage.app).let {
                    it.list(it.locate("media:external_primary/DCIM"))
                },
            ),
        )
    }
}

// Photos that one phone backed up come back through the app on another one, byte for byte. Rule: the model is asked what a finger would
// ask it, against a real server.

package org.coffre.app.restore

import android.Manifest.permission.WRITE_EXTERNAL_STORAGE
import android.app.Application
import android.os.Environment
import org.coffre.app.files.MediaAccess
import org.coffre.app.schedule.LongWork
import org.coffre.app.schedule.LongWorkKind
import org.coffre.app.screens.AppModel
import org.coffre.app.screens.MainActivity
import org.coffre.app.screens.PairingForm
import org.coffre.app.screens.PhoneServices
import org.coffre.app.screens.Step
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import org.coffre.app.stage.FakeMedia
import org.coffre.app.stage.PhoneStage
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.io.File
import java.util.concurrent.Executors

private const val PASSPHRASE = "un cheval pile correct"

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class RestoreTest {
    private val stage = PhoneStage()
    private val work = Executors.newSingleThreadExecutor()
    private lateinit var model: AppModel
    private val state get() = model.state.value
    private val shown get() = state.restore.stage
    private val target: File
        get() {
            val downloads = Environment.getExternalStoragePublicDirectory(Environment.DIRECTORY_DOWNLOADS)
            return File(downloads, state.restore.target.substringAfter('/'))
        }

    private val phone =
        object : PhoneServices {
            override val deviceName = "Pixel"

            override fun readAccess() = MediaAccess.read(stage.app)

            override fun givesOriginals() = MediaAccess.givesOriginals(stage.app)

            override fun mayUseCamera() = false

            override fun schedule() = Unit

            override fun carryOn(work: LongWork) {
                carried += work
                whenCarried(work)
            }
        }
    private val carried = ArrayList<LongWork>()
    private var whenCarried: (LongWork) -> Unit = {}

    @Before
    fun open() {
        stage.open()
        shadowOf(stage.app as Application).grantPermissions(WRITE_EXTERNAL_STORAGE)
        model = AppModel(stage.app.engine, phone, work)
    }

    @After
    fun close() {
        model.restore.leave()
        // What is asked on the way out is done before the end.
        repeat(2) { work.submit { }.get() }
        work.shutdown()
        stage.close()
    }

    /** A vault with photos in it; its words. */
    private fun backUpPhotos(): String {
        val words = stage.createVault()
        stage.photo(1, "DCIM/Camera/", "IMG_é.jpg", 300_000)
        stage.photo(2, "DCIM/Camera/", "VID.mp4", 2_000_000)
        stage.photo(3, "DCIM/", "top.jpg", 20_000)
        stage.addRoot("DCIM", "media:external_primary/DCIM")
        stage.backUp()
        return words
    }

    /** Another phone, which has nothing yet, joins the vault with [secret]. */
    private fun joinOnAnotherPhone(secret: String) {
        stage.endProcess()
        stage.loseKeys()
        stage.app.engine.home.folder
            .deleteRecursively()
        model.pairing.fill(PairingForm(isNew = false, stage.url, "ada", deviceName = "Other"))
        model.pairing.chooseServer()
        model.pairing.pair(secret.toCharArray())
        stage.until { !state.isBusy }
        assertNull(state.failure)
        assertEquals(Step.SOURCES, state.step)
    }

    private fun openVault(secret: String): RestoreStage.Folder {
        model.go(Step.RESTORE)
        model.restore.open(secret.toCharArray())
        stage.until { shown is RestoreStage.Folder || state.restore.failure != null }
        assertNull(state.restore.failure)
        return shown as RestoreStage.Folder
    }

    private fun enter(name: String): RestoreStage.Folder {
        val item = (shown as RestoreStage.Folder).items.single { it.place.name == name }
        model.restore.enter(item.place)
        stage.until { (shown as? RestoreStage.Folder)?.place == item.place }
        return shown as RestoreStage.Folder
    }

    private fun bringBack(): RestoreEnd {
        model.restore.begin()
        stage.until { shown is RestoreStage.Ended || state.restore.failure != null }
        assertNull(state.restore.failure)
        return (shown as RestoreStage.Ended).end
    }

    private fun assertSame(
        item: FakeMedia.Item,
        file: File,
    ) = assertArrayEquals(item.bytes.readBytes(), file.readBytes())

    @Test
    fun photosComeBackOnAnotherPhoneWithThePassphrase() {
        backUpPhotos()
        joinOnAnotherPhone(PASSPHRASE)
        val root = openVault(PASSPHRASE).items.single()
        assertEquals(listOf("DCIM", 3L, 2_320_000L), listOf(root.place.name, root.files, root.sizeBytes))
        model.restore.choose(root.place)
        val end = bringBack()
        assertEquals(listOf(3L, 0L, 0L), listOf(end.filesRestored, end.filesFailed, end.filesSkipped))
        assertNull(end.code)
        for (item in FakeMedia.items) assertSame(item, File(target, "${item.folder}${item.name}"))
        assertFalse("the work is gone", File(target, ".coffre-restore").exists())
        // Once more: what is there as it was counts as back, and what its owner changed since is left alone.
        val mine = File(target, "DCIM/top.jpg").apply { writeText("mine") }
        model.restore.goBack()
        stage.until { shown is RestoreStage.Folder }
        model.restore.choose(root.place)
        val again = bringBack()
        assertEquals(listOf(2L, 0L, 1L), listOf(again.filesRestored, again.filesFailed, again.filesSkipped))
        assertEquals("mine", mine.readText())
    }

    @Test
    fun oneFolderIsLookedIntoAndComesBackAloneWithTheWords() {
        val words = backUpPhotos()
        joinOnAnotherPhone(words)
        openVault(words)
        assertEquals(listOf("Camera", "top.jpg"), enter("DCIM").items.map { it.place.name })
        val camera = enter("Camera")
        assertEquals(setOf("IMG_é.jpg", "VID.mp4"), camera.items.map { it.place.name }.toSet())
        assertEquals(2_000_000L, camera.items.single { it.place.name == "VID.mp4" }.sizeBytes)
        model.restore.choose(camera.items.single { it.place.name == "IMG_é.jpg" }.place)
        assertEquals(1L, bringBack().filesRestored)
        assertSame(FakeMedia.items[0], File(target, "DCIM/Camera/IMG_é.jpg"))
        assertEquals(1, target.walkTopDown().count { it.isFile })
        model.restore.goBack()
        stage.until { shown is RestoreStage.Folder }
        model.restore.goBack()
        stage.until { (shown as RestoreStage.Folder).place.path.isEmpty() }
    }

    @Test
    fun anOlderVersionComesBesideTheNewerOne() {
        backUpPhotos()
        val before =
            FakeMedia.items
                .single { it.id == 3L }
                .bytes
                .readBytes()
        FakeMedia.items.removeIf { it.id == 3L }
        stage.photo(33, "DCIM/", "top.jpg", 25_000)
        stage.backUp()
        openVault(PASSPHRASE)
        val file = enter("DCIM").items.single { it.place.name == "top.jpg" }
        model.restore.showVersions(file.place)
        stage.until { shown is RestoreStage.Versions }
        val versions = (shown as RestoreStage.Versions).file.versions
        assertEquals(listOf(25_000L to true, 20_000L to false), versions.map { it.sizeBytes to it.isCurrent })
        model.restore.bringBack(file.place, versions.last())
        stage.until { shown is RestoreStage.Ended }
        assertArrayEquals(before, File(target, "DCIM/top.jpg").readBytes())
    }

    @Test
    fun backupStandsStillWhileTheVaultIsOpenAndGoesOnAfterwards() {
        backUpPhotos()
        openVault(PASSPHRASE)
        stage.photo(4, "DCIM/", "later.jpg", 10_000)
        assertEquals(BackupEnd.Impossible, BackupRun.begin(stage.app.engine, BackupMode.ONCE).end.get())
        model.restore.leave()
        stage.until { state.step == Step.STATUS && shown == RestoreStage.Closed }
        assertFalse("nothing of the index stays", File(stage.app.noBackupFilesDir, "reader").exists())
        model.backUpNow()
        stage.until { state.status.filesSynced == 4L }
    }

    @Test
    fun aWrongPassphraseIsSaidAndTheRightOneIsTakenThen() {
        backUpPhotos()
        model.go(Step.RESTORE)
        model.restore.open("another cheval pile correct".toCharArray())
        stage.until { state.restore.failure != null }
        assertEquals("user-login-refused", state.restore.failure)
        assertEquals(RestoreStage.Closed, shown)
        assertTrue(openVault(PASSPHRASE).items.isNotEmpty())
    }

    @Test
    fun whatTheServerLostIsNamedAndTheRestComes() {
        backUpPhotos()
        // The largest pieces are those of the film alone.
        stage.photo(5, "DCIM/Camera/", "FILM.mp4", 9_000_000)
        stage.backUp()
        val blobs = File(stage.scratch, "server/blobs").walkTopDown().filter { it.isFile }
        blobs.maxBy { it.length() }.delete()
        val root = openVault(PASSPHRASE).items.single()
        model.restore.choose(root.place)
        val end = bringBack()
        assertEquals(listOf(3L, 1L), listOf(end.filesRestored, end.filesFailed))
        assertTrue(end.code != null)
        assertEquals(listOf("Camera/FILM.mp4"), end.lacking.map { it.place.path })
        assertSame(FakeMedia.items[0], File(target, "DCIM/Camera/IMG_é.jpg"))
    }

    @Test
    fun aRestoreIsCarriedOnWhenItsOwnerLeavesTheAppAndTheCarrierHearsItsEnd() {
        backUpPhotos()
        model.restore.choose(openVault(PASSPHRASE).items.single().place)
        bringBack()
        val work = carried.single()
        assertEquals(LongWorkKind.RESTORE, work.kind)
        assertTrue(work.end.isDone)
    }

    @Test
    fun aRestoreWhoseProcessDiedSaysSoAndGoesOnWithWhatIsMissing() {
        backUpPhotos()
        val note = File(stage.app.engine.home.folder, "restoring.json")
        var left = ""
        whenCarried = { left = note.readText() }
        model.restore.choose(openVault(PASSPHRASE).items.single().place)
        bringBack()
        assertFalse("an ended restore leaves no note", note.exists())
        model.restore.leave()
        stage.until { shown == RestoreStage.Closed && state.step == Step.STATUS }
        // As the process left it that died: its note, and some of the files.
        note.writeText(left)
        val photo = File(target, "DCIM/Camera/IMG_é.jpg")
        assertTrue(photo.delete())

        model = AppModel(stage.app.engine, phone, work)
        model.refresh()
        stage.until { state.restore.interrupted != null }
        assertEquals(Interrupted(state.restore.target, 1), state.restore.interrupted)
        model.go(Step.RESTORE)
        model.restore.open(PASSPHRASE.toCharArray())
        stage.until { shown is RestoreStage.Ended || state.restore.failure != null }
        val end = (shown as RestoreStage.Ended).end
        // What was there as it was counts as back.
        assertEquals(listOf(3L, 0L), listOf(end.filesRestored, end.filesFailed))
        assertSame(FakeMedia.items[0], photo)
        assertFalse(note.exists())
    }

    @Test
    fun aRestoreThatTheSystemEndsIsOfferedAgainAndOneThatItsOwnerLeavesAtThatIsNot() {
        backUpPhotos()
        whenCarried = { it.stop() }
        model.restore.choose(openVault(PASSPHRASE).items.single().place)
        model.restore.begin()
        stage.until { shown is RestoreStage.Ended }
        assertEquals("user-stopped", (shown as RestoreStage.Ended).end.code)
        model.restore.leave()
        stage.until { state.restore.interrupted != null && shown == RestoreStage.Closed }
        model.restore.dropInterrupted()
        stage.until { state.restore.interrupted == null }
        whenCarried = {}
        assertTrue(openVault(PASSPHRASE).items.isNotEmpty())
    }

    @Test
    @GraphicsMode(GraphicsMode.Mode.NATIVE)
    fun aRestoreGoesOnWhileThePhoneIsTurned() {
        backUpPhotos()
        val here = stage.app.model
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup()
        here.go(Step.RESTORE)
        here.restore.open(PASSPHRASE.toCharArray())
        stage.until { here.state.value.restore.stage is RestoreStage.Folder }
        here.restore.choose((here.state.value.restore.stage as RestoreStage.Folder).items.single().place)
        here.restore.begin()
        activity.recreate()
        stage.until { here.state.value.restore.stage is RestoreStage.Ended }
        val end = (here.state.value.restore.stage as RestoreStage.Ended).end
        assertEquals(3L, end.filesRestored + end.filesSkipped)
        here.restore.leave()
        stage.until { here.state.value.restore.stage == RestoreStage.Closed }
        activity.pause().stop().destroy()
    }
}

// A phone's photos, from MediaStore to a real server and back on another machine. Rule: the app's own components run, and nothing
// stands in for the engine, the host or the server.

package org.coffre.app

import android.app.job.JobParameters
import androidx.work.ListenableWorker
import androidx.work.testing.TestListenableWorkerBuilder
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import org.coffre.app.schedule.EngineJob
import org.coffre.app.schedule.SweepWorker
import org.coffre.app.schedule.TriggerJob
import org.coffre.app.schedule.UploadJob
import org.coffre.app.stage.FakeMedia
import org.coffre.app.stage.PhoneStage
import org.coffre.app.stage.runCoffre
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowLooper
import org.robolectric.util.ReflectionHelpers
import java.io.File

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class EndToEndTest {
    private val stage = PhoneStage()

    @Before
    fun open() = stage.open()

    @After
    fun close() = stage.close()

    @Test
    fun photosGoUpByWorkerAndJobsAndComeBackOnAnotherMachine() {
        val words = stage.createVault()
        stage.photo(7, "DCIM/Camera/", "IMG_é.jpg", 3_200_000)
        stage.photo(8, "DCIM/Camera/", "VID.mp4", 12_000_000)
        stage.addRoot("camera", "media:external_primary/DCIM")
        val sweep =
            runBlocking { TestListenableWorkerBuilder.from(stage.app, SweepWorker::class.java).build().doWork() }
        assertTrue(sweep is ListenableWorker.Result.Success)
        assertEquals(mapOf("filesSynced" to 2L, "filesWaiting" to 0L), stage.readCounts())

        // The process ends; a photo is taken, and the next one begins with the job that it triggers.
        stage.endProcess()
        stage.photo(9, "DCIM/Camera/", "next.jpg", 40_000)
        runJob(TriggerJob::class.java)
        assertEquals(mapOf("filesSynced" to 3L, "filesWaiting" to 0L), stage.readCounts())

        val back = restore(words)
        for (item in FakeMedia.items) {
            assertArrayEquals(item.bytes.readBytes(), File(back, "camera/Camera/${item.name}").readBytes())
        }
    }

    @Test
    fun aJobThatTheSystemStopsGoesOnInTheNextOne() {
        val words = stage.createVault()
        stage.photo(8, "DCIM/Camera/", "VID.mp4", 30_000_000)
        stage.addRoot("camera", "media:external_primary/DCIM")
        val service = Robolectric.buildService(UploadJob::class.java).create().get()
        val parameters = parametersOf(2)
        assertTrue(service.onStartJob(parameters))
        assertTrue("the system is to run it again", service.onStopJob(parameters))
        runBlocking { TestListenableWorkerBuilder.from(stage.app, SweepWorker::class.java).build().doWork() }
        assertEquals(mapOf("filesSynced" to 1L, "filesWaiting" to 0L), stage.readCounts())
        assertArrayEquals(
            FakeMedia.items
                .single()
                .bytes
                .readBytes(),
            File(restore(words), "camera/Camera/VID.mp4").readBytes(),
        )
    }

    @Test
    fun whatTheOwnerHidesIsNotCalledGone() {
        stage.createVault()
        stage.photo(7, "DCIM/Camera/", "a.jpg", 50_000)
        stage.photo(8, "DCIM/Camera/", "b.jpg", 50_000)
        stage.addRoot("camera", "media:external_primary/DCIM")
        stage.backUp()
        stage.withdrawPermissions()
        FakeMedia.items.clear()
        FakeMedia.generation++
        stage.backUp()
        assertEquals(2L, stage.readCounts()["filesSynced"])
        stage.grantPermissions()
        stage.backUp()
        // With the owner's word that all is visible, missing is missing.
        assertEquals(0L, stage.readCounts()["filesWaiting"])
    }

    @Test
    fun twoComponentsThatAskAtOnceEachHearTheEnd() {
        stage.createVault()
        stage.photo(8, "DCIM/Camera/", "a.jpg", 9_000_000)
        stage.addRoot("camera", "media:external_primary/DCIM")
        val first = stage.beginBackup()
        val second = stage.beginBackup()
        val ends = listOf(first, second).map { stage.await(it).getValue("outcome") }
        assertEquals(listOf(JsonPrimitive("ok"), JsonPrimitive("ok")), ends)
    }

    @Test
    fun aPhoneWhoseKeysAreGoneSaysSoAndMakesNoNewVault() {
        stage.createVault()
        stage.endProcess()
        stage.loseKeys()
        assertEquals("KeyGone", stage.openState())
        val sweep =
            runBlocking { TestListenableWorkerBuilder.from(stage.app, SweepWorker::class.java).build().doWork() }
        assertTrue(sweep is ListenableWorker.Result.Success)
        assertEquals("KeyGone", stage.openState())
    }

    @Test
    fun twoPhonesThatCameOutOfOneCopyStopAndSaySo() {
        stage.createVault()
        stage.photo(7, "DCIM/Camera/", "a.jpg", 50_000)
        stage.addRoot("camera", "media:external_primary/DCIM")
        stage.backUp()
        stage.endProcess()
        val here = stage.app.engine.home.folder
        val copy = File(stage.scratch, "copy").also { here.copyRecursively(it) }
        // Both take turns, as the old phone and one that was set up from its image do.
        val codes =
            (1L..4L).map { turn ->
                stage.photo(7 + turn, "DCIM/Camera/", "turn $turn.jpg", 50_000)
                val ended = stage.await(stage.beginBackup())
                stage.endProcess()
                val aside = File(stage.scratch, "aside")
                assertTrue(here.renameTo(aside) && copy.renameTo(here) && aside.renameTo(copy))
                (ended["code"] as? JsonPrimitive)?.contentOrNull
            }
        assertEquals(listOf(null, null, null, "peer-cloned"), codes)
        // The one that stopped says so whenever it is asked.
        assertTrue(copy.renameTo(File(stage.scratch, "aside")) && here.renameTo(copy))
        assertTrue(File(stage.scratch, "aside").renameTo(here))
        val status = stage.await(stage.engine.ask("status")).toString()
        assertTrue(status, "cloned" in status)
    }

    private fun parametersOf(id: Int): JobParameters =
        Shadow.newInstanceOf(JobParameters::class.java).also { ReflectionHelpers.setField(it, "jobId", id) }

    /** Runs a job to the end that it tells the system. */
    private fun runJob(job: Class<out EngineJob>) {
        val service = Robolectric.buildService(job).create().get()
        assertTrue(service.onStartJob(parametersOf(1)))
        stage.until { shadowOf(service).isJobFinished }
        assertFalse(shadowOf(service).isRescheduleNeeded)
        ShadowLooper.idleMainLooper()
    }

    private fun restore(words: String): File {
        val file = File(stage.scratch, "words.txt").apply { writeText(words) }
        val back = File(stage.scratch, "back")
        val home = File(stage.scratch, "other home")
        val (code, said) =
            runCoffre(
                *arrayOf("restore", "--home", home.path, "--to", back.path, "--server", stage.url, "--login", "ada"),
                *arrayOf("--recovery-file", file.path),
            )
        assertEquals(said, 0, code)
        return back
    }
}

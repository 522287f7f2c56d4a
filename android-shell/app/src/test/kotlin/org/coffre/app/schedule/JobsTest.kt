// The components that run the engine, against a real server. Rule: each is called as the system calls it, and what it says to the
// system is looked at.

package org.coffre.app.schedule

import android.app.Notification
import android.app.Service
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.net.NetworkCapabilities
import android.net.Uri
import org.coffre.app.screens.formatPolicy
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import org.coffre.app.session.Policy
import org.coffre.app.stage.FakeMedia
import org.coffre.app.stage.PhoneStage
import org.junit.After
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
import org.robolectric.util.ReflectionHelpers
import java.util.concurrent.atomic.AtomicInteger

private const val CAMERA = "media:external_primary/DCIM"

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class JobsTest {
    private val stage = PhoneStage()
    private val jobs get() = checkNotNull(stage.app.getSystemService(JobScheduler::class.java)).allPendingJobs

    @Before
    fun open() {
        stage.open()
        stage.createVault()
        stage.photo(7, "DCIM/Camera/", "a.jpg", 9_000_000)
        stage.addRoot("camera", CAMERA)
    }

    @After
    fun close() = stage.close()

    private fun parameters(): JobParameters =
        Shadow.newInstanceOf(JobParameters::class.java).also { ReflectionHelpers.setField(it, "jobId", 4) }

    private fun synced() = stage.readCounts()["filesSynced"]

    private fun <T : Service> service(type: Class<T>) = Robolectric.buildService(type).create()

    private fun noticeOf(service: Service): Notification = shadowOf(service).lastForegroundNotification

    @Test
    fun aRunThatIsStoppedEndsNoOtherOne() {
        val first = BackupRun.begin(stage.app.engine, BackupMode.ONCE)
        val second = BackupRun.begin(stage.app.engine, BackupMode.ONCE)
        first.stop()
        first.stop()
        stage.until { second.end.isDone }
        assertEquals(BackupEnd.Done(isComplete = true), second.end.get())
        assertEquals(1L, synced())
    }

    @Test
    fun runsThatAreAllStoppedEndAndWhatWaitsGoesUpLater() {
        val runs = List(2) { BackupRun.begin(stage.app.engine, BackupMode.ONCE) }
        for (run in runs) run.stop()
        stage.until { runs.all { it.end.isDone } }
        assertEquals(listOf(BackupEnd.Stopped, BackupEnd.Stopped), runs.map { it.end.get() })
        stage.backUp()
        assertEquals(1L, synced())
    }

    @Test
    fun theDailyJobLooksAtEverythingAndAJobThatItsOwnerStoppedIsNotAskedForAgain() {
        val job = service(ReconcileJob::class.java).get()
        assertTrue(job.onStartJob(parameters()))
        stage.until { shadowOf(job).isJobFinished }
        assertFalse(shadowOf(job).isRescheduleNeeded)
        assertEquals(1L, synced())
        assertTrue(job.onStopJob(parameters()))
    }

    @Test
    @Config(sdk = [34])
    fun whatTheOwnerBeganGoesOnInATransferAndAStopOfTheirsIsTheLastWord() {
        val run = BackupRun.begin(stage.app.engine, BackupMode.ONCE)
        stage.app.longWork.leave(LongWork(LongWorkKind.BACKUP, run.end, run::stop))
        val job = service(TransferJob::class.java).get()
        assertTrue(job.onStartJob(parameters()))
        stage.until { shadowOf(job).isJobFinished }
        assertTrue(run.end.isDone)
        assertEquals(1L, synced())
        val stopped =
            parameters().also {
                ReflectionHelpers.setField(
                    it,
                    "mStopReason",
                    JobParameters.STOP_REASON_USER,
                )
            }
        assertFalse(job.onStopJob(stopped))
        stage.until { StopLog(stage.app.engine.home).read() != null }
        assertEquals(SystemReason.STOPPED_BY_OWNER, StopLog(stage.app.engine.home).read()?.reason)
    }

    @Test
    fun aServiceCarriesOnWithItsNotificationAndNothingInItNamesAnything() {
        val run = BackupRun.begin(stage.app.engine, BackupMode.ONCE)
        stage.app.longWork.leave(LongWork(LongWorkKind.RESTORE, run.end, run::stop))
        val service = service(ManualService::class.java).startCommand(0, 1).get()
        val notice = noticeOf(service)
        assertEquals("Restoring files", notice.extras.getString(Notification.EXTRA_TITLE))
        assertEquals(null, notice.extras.getString(Notification.EXTRA_TEXT))
        assertEquals(Notification.VISIBILITY_PUBLIC, notice.visibility)
        stage.until { shadowOf(service).isStoppedBySelf }
        assertTrue(run.end.isDone)
    }

    @Test
    fun aServiceWhoseTimeIsOverStopsAtOnceAndIsNotBegunAgain() {
        val service = service(ManualService::class.java)
        assertEquals(Service.START_NOT_STICKY, service.get().onStartCommand(null, 0, 1))
        service.get().onTimeout(1, 1)
        assertTrue(shadowOf(service.get()).isStoppedBySelf)
        // What waits is the upload job's, which waits for its network and later and later.
        assertEquals(1, jobs.count { it.service.className == UploadJob::class.java.name })
        assertEquals(null, shadowOf(stage.app).nextStartedService)
        service.destroy()
        // What it had begun is stopped before anything else is asked.
        OPENING.submit { }.get()
        stage.backUp()
        assertEquals(1L, synced())
    }

    @Test
    fun whoWatchesAllTheTimeSendsAPhotoByItselfAndEndsWithoutEndingOthers() {
        val service = service(ContinuousService::class.java).startCommand(0, 1)
        stage.until { synced() == 1L }
        stage.photo(8, "DCIM/Camera/", "b.jpg", 50_000)
        stage.app.contentResolver.notifyChange(Uri.parse("content://media/external/images/media/8"), null)
        stage.until { synced() == 2L }
        stage.photo(9, "DCIM/Camera/", "c.jpg", 50_000)
        val other = BackupRun.begin(stage.app.engine, BackupMode.ONCE)
        service.destroy()
        stage.until { other.end.isDone }
        assertEquals(BackupEnd.Done(isComplete = true), other.end.get())
        assertEquals(3L, synced())
    }

    @Test
    fun aPhoneThatIsPausedWatchesNothing() {
        stage.app.engine.home
            .setPaused(true)
        val service = service(ContinuousService::class.java).startCommand(0, 1).get()
        stage.until { shadowOf(service).isStoppedBySelf }
    }

    @Test
    fun aTriggerIsArmedAgainBeforeAnythingIsLookedAtSoThatNoPhotoFallsBetweenTwo() {
        val armed = ArrayList<Int>()
        FakeMedia.duringQuery = { armed += jobs.count { it.service.className == TriggerJob::class.java.name } }
        runTrigger(null)
        FakeMedia.duringQuery = {}
        assertEquals(setOf(1), armed.toSet())
        stage.photo(8, "DCIM/Camera/", "b.jpg", 50_000)
        runTrigger(null)
        assertEquals(2L, synced())
    }

    @Test
    fun aTriggerThatNamesTooManyChangesOrNoneFindsThemAllAndSoDoesOneAfterMediaStoreBeganAnew() {
        val many = Array<Uri>(60) { Uri.parse("content://media/external/images/media/$it") }
        for ((index, uris) in listOf(null, emptyArray(), many, arrayOf(Uri.parse("content://media/"))).withIndex()) {
            stage.photo(20L + index, "DCIM/Camera/", "$index.jpg", 5_000)
            FakeMedia.version = "after a reset $index"
            FakeMedia.generation = 1
            runTrigger(uris)
            assertEquals(2L + index, synced())
        }
    }

    @Test
    fun aNetworkThatTurnsMeteredInTheMiddleEndsWhatIsSentUntilThereIsAFreeOneAgain() {
        stage.await(stage.engine.ask(formatPolicy(Policy(unmeteredOnly = true))))
        stage.photo(8, "DCIM/Camera/", "film.mp4", 40_000_000)
        val opens = AtomicInteger()
        FakeMedia.duringOpen = { if (opens.incrementAndGet() == 4) stage.turnNetwork() }
        val run = BackupRun.begin(stage.app.engine, BackupMode.ONCE)
        stage.until { run.end.isDone }
        assertEquals(BackupEnd.Done(isComplete = false), run.end.get())
        assertTrue("${synced()}", checkNotNull(synced()) < 2)
        assertTrue("network-metered" in stage.await(stage.engine.ask("status")).toString())
        FakeMedia.duringOpen = {}
        stage.turnNetwork(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
        stage.backUp()
        assertEquals(2L, synced())
    }

    private fun runTrigger(uris: Array<Uri>?) {
        val params = parameters()
        val field = JobParameters::class.java.declaredFields.first { it.type == Array<Uri>::class.java }
        field.apply { isAccessible = true }.set(params, uris)
        val trigger = service(TriggerJob::class.java).get()
        assertTrue(trigger.onStartJob(params))
        stage.until { shadowOf(trigger).isJobFinished }
    }
}

// What is scheduled, and when. Rule: the jobs are those that the platform's own builder makes.

package org.coffre.app.schedule

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.Intent
import android.os.Build
import androidx.work.WorkManager
import org.coffre.app.session.Pairing
import org.coffre.app.stage.PhoneStage
import org.coffre.host.ports.ServerAddress
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class ScheduleTest {
    private val stage = PhoneStage()
    private val jobs get() = checkNotNull(stage.app.getSystemService(JobScheduler::class.java)).allPendingJobs
    private val sweeps get() =
        WorkManager
            .getInstance(stage.app)
            .getWorkInfosForUniqueWork("sweep")
            .get()
            .filterNot { it.state.isFinished }

    @Before
    fun open() = stage.open()

    @After
    fun close() = stage.close()

    private fun pair() {
        stage.app.engine.home
            .writePairing(Pairing(ServerAddress("https://example.org", null), "ada", "Pixel", true))
    }

    private fun jobOf(service: Class<*>): JobInfo = jobs.single { it.service.className == service.name }

    @Test
    fun aPhoneThatIsNotPairedSchedulesNothing() {
        Schedule(stage.app).renew()
        assertEquals(emptyList<JobInfo>(), jobs)
        assertEquals(0, sweeps.size)
    }

    @Test
    fun bootAndUpdateScheduleEverythingOnceHoweverOftenTheyCome() {
        pair()
        for (action in listOf(
            Intent.ACTION_BOOT_COMPLETED,
            Intent.ACTION_MY_PACKAGE_REPLACED,
            Intent.ACTION_BOOT_COMPLETED,
        )) {
            BootReceiver().onReceive(stage.app, Intent(action))
        }
        assertEquals(1, jobs.count { it.service.className == TriggerJob::class.java.name })
        assertEquals(1, sweeps.size)
        BootReceiver().onReceive(stage.app, Intent("org.example.OTHER"))
        assertEquals(1, sweeps.size)
    }

    @Test
    fun aPhotoTriggersWithoutANetwork() {
        pair()
        Schedule(stage.app).renew()
        val trigger = jobOf(TriggerJob::class.java)
        assertEquals(
            "content://media",
            trigger.triggerContentUris
                ?.single()
                ?.uri
                .toString(),
        )
        assertEquals(JobInfo.NETWORK_TYPE_NONE, trigger.networkType)
        assertTrue(!trigger.isPersisted)
    }

    @Test
    fun whatWaitsIsSentOnAnyNetworkAlsoAfterARestart() {
        pair()
        Schedule(stage.app).sendSoon()
        val upload = jobOf(UploadJob::class.java)
        assertTrue(upload.isPersisted)
        assertEquals(JobInfo.BACKOFF_POLICY_EXPONENTIAL, upload.backoffPolicy)
    }

    @Test
    fun onceADayEverythingIsLookedAtWhileThePhoneChargesAndRests() {
        pair()
        Schedule(stage.app).renew()
        val reconcile = jobOf(ReconcileJob::class.java)
        assertEquals(86_400_000L, reconcile.intervalMillis)
        assertTrue(reconcile.isRequireCharging && reconcile.isRequireDeviceIdle && reconcile.isPersisted)
    }

    @Test
    fun anAppThatWasForcedToStopSchedulesEverythingWhenItIsOpenedAgain() {
        pair()
        Schedule(stage.app).renew()
        Schedule(stage.app).cancel()
        assertEquals(emptyList<JobInfo>(), jobs)
        stage.app.onCreate()
        assertEquals(
            setOf(TriggerJob::class.java.name, ReconcileJob::class.java.name),
            jobs.map { it.service.className }.toSet() - SYSTEM_JOB,
        )
        assertEquals(1, sweeps.size)
    }

    @Test
    fun whatTheOwnerBeganIsCarriedOnByWhatThePlatformHasForThat() {
        pair()
        Schedule(stage.app).carryOn()
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            val transfer = jobOf(TransferJob::class.java)
            assertTrue(transfer.isUserInitiated)
            assertTrue(transfer.requiredNetwork != null)
        } else {
            assertEquals(ManualService::class.java.name, shadowOf(stage.app).nextStartedService.component?.className)
        }
    }

    @Test
    fun watchingAllTheTimeIsTheOwnersChoiceAndOutlastsARestart() {
        pair()
        Schedule(stage.app).renew()
        assertEquals(null, shadowOf(stage.app).nextStartedService)
        Schedule(stage.app).setContinuous(true)
        assertEquals(ContinuousService::class.java.name, shadowOf(stage.app).nextStartedService.component?.className)
        BootReceiver().onReceive(stage.app, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertEquals(ContinuousService::class.java.name, shadowOf(stage.app).nextStartedService.component?.className)
        Schedule(stage.app).setContinuous(false)
        assertEquals(ContinuousService::class.java.name, shadowOf(stage.app).nextStoppedService.component?.className)
        Schedule(stage.app).renew()
        assertEquals(null, shadowOf(stage.app).nextStartedService)
    }

    private companion object {
        /** WorkManager's own job. */
        const val SYSTEM_JOB = "androidx.work.impl.background.systemjob.SystemJobService"
    }
}

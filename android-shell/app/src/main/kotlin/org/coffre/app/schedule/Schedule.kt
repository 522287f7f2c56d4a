// When the engine gets to run. Rule: the queue in the engine's database is the truth, and whatever is scheduled here may be lost or
// come twice; each start of the process, each boot and each update schedules it again.

package org.coffre.app.schedule

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.net.Uri
import android.os.Build
import android.os.PowerManager
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import org.coffre.app.NewerApi
import org.coffre.app.session.Home
import java.util.concurrent.TimeUnit

private const val SWEEP = "sweep"
private const val SWEEP_MINUTES = 15L
private const val TRIGGER_JOB = 1
private const val UPLOAD_JOB = 2
private const val RECONCILE_JOB = 3
private const val TRANSFER_JOB = 4

/** After a change the platform waits this long for more of them, and this long at most. */
private const val QUIET_MS = 10_000L
private const val LONGEST_MS = 60_000L
private const val BACK_OFF_MS = 60_000L
private const val DAY_MS = 86_400_000L
private val MEDIA: Uri = Uri.parse("content://media")

/** Jobs, work and services of the app. */
class Schedule(
    private val context: Context,
) {
    private val jobs = checkNotNull(context.getSystemService(JobScheduler::class.java))

    /** Schedules all that a paired phone needs; what runs already goes on. */
    fun renew() {
        val home = Home(context)
        if (home.readPairing() == null) return
        val sweep = PeriodicWorkRequestBuilder<SweepWorker>(SWEEP_MINUTES, TimeUnit.MINUTES).build()
        WorkManager.getInstance(context).enqueueUniquePeriodicWork(SWEEP, ExistingPeriodicWorkPolicy.KEEP, sweep)
        if (jobs.getPendingJob(TRIGGER_JOB) == null) armTrigger()
        if (jobs.getPendingJob(RECONCILE_JOB) == null) scheduleReconcile()
        if (home.isContinuous) watch()
    }

    /**
     * Waits for the next change of the media. No network is asked for: a photo that is taken offline must be seen too.
     */
    fun armTrigger() {
        val trigger = JobInfo.TriggerContentUri(MEDIA, JobInfo.TriggerContentUri.FLAG_NOTIFY_FOR_DESCENDANTS)
        jobs.schedule(
            job(TRIGGER_JOB, TriggerJob::class.java)
                .addTriggerContentUri(trigger)
                .setTriggerContentUpdateDelay(QUIET_MS)
                .setTriggerContentMaxDelay(LONGEST_MS)
                .build(),
        )
    }

    /** Sends what waits as soon as there is a network, also after a restart; whether that network will do, the engine decides. */
    fun sendSoon() {
        jobs.schedule(
            job(UPLOAD_JOB, UploadJob::class.java)
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                .setBackoffCriteria(BACK_OFF_MS, JobInfo.BACKOFF_POLICY_EXPONENTIAL)
                .setPersisted(true)
                .build(),
        )
    }

    /**
     * Has the system carry on with what a screen left on the desk, when its owner goes elsewhere. Called while the app is seen: later
     * the system refuses. Refused, the work goes on for as long as the process lives, and the jobs after it.
     */
    fun carryOn() {
        try {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
                scheduleTransfer()
            } else {
                context.startForegroundService(Intent(context, ManualService::class.java))
            }
        } catch (_: IllegalStateException) {
            sendSoon()
        }
    }

    /** Begins to watch all the time, or ends that. */
    fun setContinuous(isContinuous: Boolean) {
        Home(context).setContinuous(isContinuous)
        if (isContinuous) watch() else context.stopService(Intent(context, ContinuousService::class.java))
    }

    /** How the work stands with the system now. Reads the disk. */
    fun readSystem(): SystemState {
        val home = Home(context)
        val power = context.getSystemService(PowerManager::class.java)
        val isExempt = power?.isIgnoringBatteryOptimizations(context.packageName) != false
        val stop = StopLog(home).read()
        return SystemState(stop, whatHoldsUp(), home.isContinuous, ContinuousService.isWatching, isExempt)
    }

    /** Why what waits to be sent has not begun, in the system's own view. */
    private fun whatHoldsUp(): Set<SystemReason> =
        if (jobs.getPendingJob(UPLOAD_JOB) == null) emptySet() else SystemReason.ofPendingJob(jobs, UPLOAD_JOB)

    /** Takes everything back. */
    fun cancel() {
        WorkManager.getInstance(context).cancelUniqueWork(SWEEP)
        for (job in listOf(TRIGGER_JOB, UPLOAD_JOB, RECONCILE_JOB, TRANSFER_JOB)) jobs.cancel(job)
        context.stopService(Intent(context, ContinuousService::class.java))
    }

    private fun scheduleReconcile() {
        jobs.schedule(
            job(RECONCILE_JOB, ReconcileJob::class.java)
                .setPeriodic(DAY_MS)
                .setRequiresCharging(true)
                .setRequiresDeviceIdle(true)
                .setPersisted(true)
                .build(),
        )
    }

    @NewerApi
    private fun scheduleTransfer() {
        // Any network: a server at home needs no internet, and below a VPN lies another network.
        val network = NetworkRequest.Builder().removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN).build()
        jobs.schedule(
            job(TRANSFER_JOB, TransferJob::class.java).setUserInitiated(true).setRequiredNetwork(network).build(),
        )
    }

    /** From the background only some may begin a service: whoever may not is begun by the next start of the app. */
    private fun watch() {
        try {
            context.startForegroundService(Intent(context, ContinuousService::class.java))
        } catch (_: IllegalStateException) {
            // The sweeps find what is new meanwhile.
        }
    }

    private fun job(
        id: Int,
        service: Class<*>,
    ) = JobInfo.Builder(id, ComponentName(context, service))
}

// When the engine gets to run. Rule: the queue in the engine's database is the truth, and whatever is scheduled here may be lost or
// come twice; each start of the process, each boot and each update schedules it again.

package org.coffre.app.schedule

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import android.net.Uri
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import org.coffre.app.session.Home
import java.util.concurrent.TimeUnit

private const val SWEEP = "sweep"
private const val SWEEP_MINUTES = 15L
private const val TRIGGER_JOB = 1
private const val UPLOAD_JOB = 2

/** After a change the platform waits this long for more of them, and this long at most. */
private const val QUIET_MS = 10_000L
private const val LONGEST_MS = 60_000L
private const val BACK_OFF_MS = 60_000L
private val MEDIA: Uri = Uri.parse("content://media")

/** Jobs and work of the app. */
class Schedule(
    private val context: Context,
) {
    private val jobs = checkNotNull(context.getSystemService(JobScheduler::class.java))

    /** Schedules all that a paired phone needs; what runs already goes on. */
    fun renew() {
        if (Home(context).readPairing() == null) return
        val sweep = PeriodicWorkRequestBuilder<SweepWorker>(SWEEP_MINUTES, TimeUnit.MINUTES).build()
        WorkManager.getInstance(context).enqueueUniquePeriodicWork(SWEEP, ExistingPeriodicWorkPolicy.KEEP, sweep)
        if (jobs.getPendingJob(TRIGGER_JOB) == null) armTrigger()
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

    /** Takes everything back. */
    fun cancel() {
        WorkManager.getInstance(context).cancelUniqueWork(SWEEP)
        jobs.cancel(TRIGGER_JOB)
        jobs.cancel(UPLOAD_JOB)
    }

    private fun job(
        id: Int,
        service: Class<*>,
    ) = JobInfo.Builder(id, ComponentName(context, service))
}

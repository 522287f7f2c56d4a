// Why Android ended work, or does not begin it. Rule: a closed list, with a sentence for each; a number that is not known here is OTHER.

package org.coffre.app.schedule

import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.os.Build
import androidx.annotation.StringRes
import org.coffre.app.NewerApi
import org.coffre.app.R

/** One of Android's reasons, in the owner's words. */
enum class SystemReason(
    @StringRes val sentence: Int,
) {
    TIME_OVER(R.string.system_time_over),
    QUOTA(R.string.system_quota),
    NO_NETWORK(R.string.system_no_network),
    NOT_CHARGING(R.string.system_not_charging),
    BATTERY_LOW(R.string.system_battery_low),
    IN_USE(R.string.system_in_use),
    STORAGE_LOW(R.string.system_storage_low),
    RESTRICTED(R.string.system_restricted),
    RARELY_USED(R.string.system_rarely_used),
    STOPPED_BY_OWNER(R.string.system_stopped_by_owner),
    PHONE_BUSY(R.string.system_phone_busy),
    NOT_YET(R.string.system_not_yet),
    NOTHING_NEW(R.string.system_nothing_new),
    OTHER(R.string.system_other),
    ;

    companion object {
        /** Why the system stopped the job with these [params]; before Android 12 it does not say. */
        fun ofStop(params: JobParameters): SystemReason =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) ofStopReason(readStopReason(params)) else OTHER

        /** [number] is one of JobParameters.STOP_REASON_…. */
        fun ofStopReason(number: Int): SystemReason =
            when (number) {
                JobParameters.STOP_REASON_TIMEOUT, JobParameters.STOP_REASON_TIMEOUT_ABANDONED -> TIME_OVER
                JobParameters.STOP_REASON_QUOTA -> QUOTA
                JobParameters.STOP_REASON_CONSTRAINT_CONNECTIVITY -> NO_NETWORK
                JobParameters.STOP_REASON_CONSTRAINT_CHARGING -> NOT_CHARGING
                JobParameters.STOP_REASON_CONSTRAINT_BATTERY_NOT_LOW -> BATTERY_LOW
                JobParameters.STOP_REASON_CONSTRAINT_DEVICE_IDLE -> IN_USE
                JobParameters.STOP_REASON_CONSTRAINT_STORAGE_NOT_LOW -> STORAGE_LOW
                JobParameters.STOP_REASON_BACKGROUND_RESTRICTION -> RESTRICTED
                JobParameters.STOP_REASON_APP_STANDBY -> RARELY_USED
                JobParameters.STOP_REASON_USER -> STOPPED_BY_OWNER
                JobParameters.STOP_REASON_PREEMPT, JobParameters.STOP_REASON_DEVICE_STATE -> PHONE_BUSY
                JobParameters.STOP_REASON_SYSTEM_PROCESSING -> PHONE_BUSY
                JobParameters.STOP_REASON_CANCELLED_BY_APP -> NOT_YET
                JobParameters.STOP_REASON_ESTIMATED_APP_LAUNCH_TIME_CHANGED -> NOT_YET
                else -> OTHER
            }

        /** [number] is one of JobScheduler.PENDING_JOB_REASON_…; null for a job that runs or is not there. */
        fun ofPendingReason(number: Int): SystemReason? =
            when (number) {
                JobScheduler.PENDING_JOB_REASON_EXECUTING, JobScheduler.PENDING_JOB_REASON_INVALID_JOB_ID -> null
                JobScheduler.PENDING_JOB_REASON_QUOTA -> QUOTA
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_CONNECTIVITY -> NO_NETWORK
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_CHARGING -> NOT_CHARGING
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_BATTERY_NOT_LOW -> BATTERY_LOW
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_DEVICE_IDLE -> IN_USE
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_STORAGE_NOT_LOW -> STORAGE_LOW
                JobScheduler.PENDING_JOB_REASON_BACKGROUND_RESTRICTION -> RESTRICTED
                JobScheduler.PENDING_JOB_REASON_APP_STANDBY -> RARELY_USED
                JobScheduler.PENDING_JOB_REASON_USER -> STOPPED_BY_OWNER
                JobScheduler.PENDING_JOB_REASON_DEVICE_STATE -> PHONE_BUSY
                JobScheduler.PENDING_JOB_REASON_JOB_SCHEDULER_OPTIMIZATION -> PHONE_BUSY
                JobScheduler.PENDING_JOB_REASON_APP, JobScheduler.PENDING_JOB_REASON_CONSTRAINT_PREFETCH -> NOT_YET
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_MINIMUM_LATENCY -> NOT_YET
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_DEADLINE -> NOT_YET
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_CONTENT_TRIGGER -> NOTHING_NEW
                else -> OTHER
            }

        /** Why [job] of [jobs] waits, as far as this Android tells: one reason from 14 on, all from 16 on. */
        fun ofPendingJob(
            jobs: JobScheduler,
            job: Int,
        ): Set<SystemReason> =
            when {
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.BAKLAVA -> readPendingReasons(jobs, job)
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE -> readPendingReason(jobs, job)
                else -> intArrayOf()
            }.toList().mapNotNull(::ofPendingReason).toSet()
    }
}

@NewerApi
private fun readStopReason(params: JobParameters): Int = params.stopReason

@NewerApi
private fun readPendingReason(
    jobs: JobScheduler,
    job: Int,
): IntArray = intArrayOf(jobs.getPendingJobReason(job))

@NewerApi
private fun readPendingReasons(
    jobs: JobScheduler,
    job: Int,
): IntArray = jobs.getPendingJobReasons(job)

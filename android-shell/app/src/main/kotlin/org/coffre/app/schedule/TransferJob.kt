// The owner's own work on Android 14 and newer: a user-initiated transfer, which has no quota and lasts as long as it must. Rule: its
// notification is there before anything else.

package org.coffre.app.schedule

import android.app.job.JobParameters
import org.coffre.app.CoffreApp
import org.coffre.app.NewerApi
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import org.coffre.app.session.OneEngine
import java.util.concurrent.CompletableFuture

/** Keeps the process for the work that a screen left; in a process that knows of none it begins a backup. */
class TransferJob : EngineJob() {
    override fun prepare(params: JobParameters) = show(params)

    override fun begin(engine: OneEngine): CompletableFuture<JobTask> {
        val left = CoffreApp.of(this).longWork.take()
        if (left != null) {
            val end = left.end.handle { _, _ -> BackupEnd.Done(isComplete = true) as BackupEnd }
            return CompletableFuture.completedFuture(JobTask(end, left.stop))
        }
        return CompletableFuture.completedFuture(JobTask.of(BackupRun.begin(engine, BackupMode.ONCE)))
    }

    /** What could not be sent is the upload job's, which waits for its network. */
    override fun finish(end: BackupEnd): Boolean {
        if (end.isToBeContinued) Schedule(this).sendSoon()
        return false
    }

    @NewerApi
    private fun show(params: JobParameters) {
        val kind = CoffreApp.of(this).longWork.kind ?: LongWorkKind.BACKUP
        val notice = LongWorkNotice(this).make(kind)
        setNotification(params, LongWorkNotice.WORK, notice, JOB_END_NOTIFICATION_POLICY_REMOVE)
    }
}

// Every fifteen minutes, also after a restart: a look at everything, which goes on where the last one was stopped. Rule: losing
// any other component loses no file, since this one finds it.

package org.coffre.app.schedule

import android.content.Context
import androidx.work.CoroutineWorker
import androidx.work.WorkerParameters
import kotlinx.coroutines.suspendCancellableCoroutine
import org.coffre.app.CoffreApp
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import kotlin.coroutines.resume

/** Runs a whole backup until it ends or the system stops it. */
class SweepWorker(
    context: Context,
    parameters: WorkerParameters,
) : CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result {
        val schedule = Schedule(applicationContext)
        schedule.renew()
        val run = BackupRun.begin(CoffreApp.of(applicationContext).engine, BackupMode.ONCE)
        val end =
            suspendCancellableCoroutine { waiting ->
                waiting.invokeOnCancellation { run.stop() }
                run.end.thenAccept { waiting.resume(it) }
            }
        // What waits for a network or a server is sent when that comes, and not at the next sweep.
        if (end is BackupEnd.Failed || end == BackupEnd.Done(isComplete = false)) schedule.sendSoon()
        return Result.success()
    }
}

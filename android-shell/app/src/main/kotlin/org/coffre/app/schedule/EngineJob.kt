// A job that runs the engine. Rule: the system hears the end of every job that it started, once; a job that it stopped is asked for
// again.

package org.coffre.app.schedule

import android.app.job.JobParameters
import android.app.job.JobService
import org.coffre.app.CoffreApp
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import org.coffre.app.session.OneEngine
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** The engine is opened here, since that reads the disk. */
private val OPENING: ExecutorService =
    Executors.newSingleThreadExecutor {
        Thread(it, "coffre-jobs").apply {
            isDaemon =
                true
        }
    }

abstract class EngineJob : JobService() {
    @Volatile
    private var run: BackupRun? = null

    @Volatile
    private var isStopped = false

    /** Begins what the job is for. */
    protected abstract fun begin(engine: OneEngine): CompletableFuture<BackupRun>

    /** Does what follows; whether the system is to run the job again, later and later. */
    protected abstract fun finish(end: BackupEnd): Boolean

    final override fun onStartJob(params: JobParameters): Boolean {
        isStopped = false
        OPENING.execute {
            if (isStopped) return@execute
            begin(CoffreApp.of(this).engine).thenAccept { begun ->
                run = begun
                if (isStopped) begun.stop()
                begun.end.thenAccept { if (!isStopped) jobFinished(params, finish(it)) }
            }
        }
        return true
    }

    /** The engine ends at its next safe point; the system does not wait for that. */
    final override fun onStopJob(params: JobParameters): Boolean {
        isStopped = true
        run?.stop()
        return true
    }
}

/** Something changed among the media. */
class TriggerJob : EngineJob() {
    override fun begin(engine: OneEngine): CompletableFuture<BackupRun> {
        // Armed again before anything is looked at: what changes from here on is the next trigger's, and none is lost between.
        Schedule(this).armTrigger()
        return BackupRun.beginWithMedia(engine)
    }

    override fun finish(end: BackupEnd): Boolean {
        if (end is BackupEnd.Failed || end == BackupEnd.Done(isComplete = false)) Schedule(this).sendSoon()
        return false
    }
}

/** Something waits to be sent, and there is a network. */
class UploadJob : EngineJob() {
    override fun begin(engine: OneEngine): CompletableFuture<BackupRun> =
        CompletableFuture.completedFuture(BackupRun.begin(engine, BackupMode.CHANGED))

    override fun finish(end: BackupEnd): Boolean =
        end is BackupEnd.Failed || end == BackupEnd.Stopped || end == BackupEnd.Done(isComplete = false)
}

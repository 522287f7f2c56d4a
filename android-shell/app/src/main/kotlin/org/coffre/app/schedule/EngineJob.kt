// A job that runs the engine. Rule: the system hears the end of every job that it started, once; a job that it stopped is asked for
// again, unless its owner stopped it.

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
internal val OPENING: ExecutorService =
    Executors.newSingleThreadExecutor { Thread(it, "coffre-jobs").apply { isDaemon = true } }

/** What a job waits for. */
class JobTask(
    val end: CompletableFuture<BackupEnd>,
    val stop: () -> Unit,
) {
    companion object {
        fun of(run: BackupRun) = JobTask(run.end, run::stop)
    }
}

/** Whether another job has something left to do. */
internal val BackupEnd.isToBeContinued: Boolean
    get() = this is BackupEnd.Failed || this == BackupEnd.Stopped || this == BackupEnd.Done(isComplete = false)

abstract class EngineJob : JobService() {
    @Volatile
    private var current: Started? = null

    /** What must be done before [onStartJob] returns; nothing that reads the disk. */
    protected open fun prepare(params: JobParameters) = Unit

    /** Begins what the job is for. */
    protected abstract fun begin(engine: OneEngine): CompletableFuture<JobTask>

    /** Does what follows; whether the system is to run the job again, later and later. */
    protected abstract fun finish(end: BackupEnd): Boolean

    final override fun onStartJob(params: JobParameters): Boolean {
        prepare(params)
        val started = Started(params)
        current = started
        OPENING.execute(started::begin)
        return true
    }

    /** The engine ends at its next safe point; the system does not wait for that. */
    final override fun onStopJob(params: JobParameters): Boolean {
        current?.stop()
        val reason = SystemReason.ofStop(params)
        OPENING.execute { StopLog(CoffreApp.of(this).engine.home).write(reason) }
        return reason != SystemReason.STOPPED_BY_OWNER
    }

    /** One start of the job: a service may see several, one after the other. */
    private inner class Started(
        private val params: JobParameters,
    ) {
        @Volatile
        private var isStopped = false

        @Volatile
        private var task: JobTask? = null

        fun begin() {
            if (isStopped) return
            this@EngineJob.begin(CoffreApp.of(this@EngineJob).engine).thenAccept { begun ->
                task = begun
                if (isStopped) begun.stop()
                begun.end.thenAccept { if (!isStopped) jobFinished(params, finish(it)) }
            }
        }

        fun stop() {
            isStopped = true
            task?.stop()
        }
    }
}

/** Something changed among the media. */
class TriggerJob : EngineJob() {
    override fun begin(engine: OneEngine): CompletableFuture<JobTask> {
        // Armed again before anything is looked at: what changes from here on is the next trigger's, and none is lost between.
        Schedule(this).armTrigger()
        return BackupRun.beginWithMedia(engine).thenApply(JobTask::of)
    }

    override fun finish(end: BackupEnd): Boolean {
        if (end.isToBeContinued) Schedule(this).sendSoon()
        return false
    }
}

/** Something waits to be sent, and there is a network. */
class UploadJob : EngineJob() {
    override fun begin(engine: OneEngine): CompletableFuture<JobTask> =
        CompletableFuture.completedFuture(JobTask.of(BackupRun.begin(engine, BackupMode.CHANGED)))

    override fun finish(end: BackupEnd): Boolean = end.isToBeContinued
}

/** Once a day, while the phone charges and nobody uses it: a look at everything, with all the time that it takes. */
class ReconcileJob : EngineJob() {
    override fun begin(engine: OneEngine): CompletableFuture<JobTask> {
        Schedule(this).renew()
        return CompletableFuture.completedFuture(JobTask.of(BackupRun.begin(engine, BackupMode.ONCE)))
    }

    override fun finish(end: BackupEnd): Boolean {
        if (end.isToBeContinued) Schedule(this).sendSoon()
        return false
    }
}

// The owner's own work up to Android 13: a foreground service, for the same as TransferJob. Rule: when the system's time for it is
// over it stops within seconds and is not begun again by itself; the jobs go on.

package org.coffre.app.schedule

import android.app.Notification
import android.app.Service
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import org.coffre.app.CoffreApp
import org.coffre.app.NewerApi
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun

class ManualService : Service() {
    @Volatile
    private var work: LongWork? = null

    @Volatile
    private var isStopped = false

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        startId: Int,
    ): Int {
        val app = CoffreApp.of(this)
        val notice = LongWorkNotice(this).make(app.longWork.kind ?: LongWorkKind.BACKUP)
        when {
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q -> showAsSync(notice)
            else -> startForeground(LongWorkNotice.WORK, notice)
        }
        OPENING.execute {
            if (isStopped) return@execute
            val begun = app.longWork.take() ?: beginBackup(app)
            work = begun
            if (isStopped) begun.stop()
            begun.end.whenComplete { _, _ -> stopSelf(startId) }
        }
        // Whatever the system ends, it does not begin anew: that would be a loop.
        return START_NOT_STICKY
    }

    /** Android 15 gives such services some hours a day; what does not end within seconds is an error to it. */
    @NewerApi
    override fun onTimeout(
        startId: Int,
        fgsType: Int,
    ) {
        end()
        Schedule(this).sendSoon()
        stopSelf()
    }

    override fun onDestroy() {
        end()
        super.onDestroy()
    }

    /** Whoever's work it is goes on only as long as the service. */
    private fun end() {
        isStopped = true
        work?.takeUnless { it.end.isDone }?.stop?.invoke()
    }

    private fun beginBackup(app: CoffreApp): LongWork {
        val run = BackupRun.begin(app.engine, BackupMode.ONCE)
        return LongWork(LongWorkKind.BACKUP, run.end, run::stop)
    }

    @NewerApi
    private fun showAsSync(notice: Notification) =
        startForeground(LongWorkNotice.WORK, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC)
}

// Watching all the time, for owners who want that: what is new goes up within seconds. Rule: it adds speed and nothing else; without
// it the triggers and sweeps find the same files.

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

class ContinuousService : Service() {
    @Volatile
    private var run: BackupRun? = null

    @Volatile
    private var isStopped = false

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        startId: Int,
    ): Int {
        if (!show()) {
            stopSelf()
            return START_NOT_STICKY
        }
        OPENING.execute(::watch)
        return START_STICKY
    }

    /** False when Android does not let it: it began the service again by itself, and may forbid that from the background. */
    private fun show(): Boolean {
        val notice = LongWorkNotice(this).make(LongWorkKind.WATCH)
        return try {
            when {
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE -> showAsSpecial(notice)
                else -> startForeground(LongWorkNotice.WATCH, notice)
            }
            true
        } catch (_: IllegalStateException) {
            false
        }
    }

    override fun onDestroy() {
        isStopped = true
        isWatching = false
        run?.stop()
        super.onDestroy()
    }

    /** One watch, however often the service is started. It ends when there is nothing to watch for: no vault, a pause, a stop. */
    private fun watch() {
        if (isStopped || run != null) return
        val begun = BackupRun.begin(CoffreApp.of(this).engine, BackupMode.WATCH)
        run = begun
        isWatching = !begun.end.isDone
        if (isStopped) begun.stop()
        begun.end.whenComplete { _, _ ->
            isWatching = false
            stopSelf()
        }
    }

    @NewerApi
    private fun showAsSpecial(notice: Notification) =
        startForeground(LongWorkNotice.WATCH, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_SPECIAL_USE)

    companion object {
        /** Whether the phone is watched now: an owner may have chosen it, and Android not let it. */
        @Volatile
        var isWatching = false
            private set
    }
}

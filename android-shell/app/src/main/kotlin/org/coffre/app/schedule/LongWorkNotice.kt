// The notification of what goes on unseen. Rule: it says what kind of work it is and nothing else, so that a locked screen may show
// it: no name, no path, no server.

package org.coffre.app.schedule

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.os.Build
import org.coffre.app.NewerApi
import org.coffre.app.R
import org.coffre.app.screens.MainActivity

private const val CHANNEL = "work"

/** Makes notifications of long work, and the channel that they are in. */
class LongWorkNotice(
    private val context: Context,
) {
    /** The notification of [kind], which stays as long as the work. */
    fun make(kind: LongWorkKind): Notification {
        val channel =
            NotificationChannel(CHANNEL, context.getString(R.string.notice_channel), NotificationManager.IMPORTANCE_LOW)
        channel.setShowBadge(false)
        context.getSystemService(NotificationManager::class.java)?.createNotificationChannel(channel)
        val open = Intent(context, MainActivity::class.java)
        val opening = PendingIntent.getActivity(context, 0, open, PendingIntent.FLAG_IMMUTABLE)
        val made =
            Notification
                .Builder(context, CHANNEL)
                .setSmallIcon(R.drawable.notice)
                .setContentTitle(context.getString(kind.title))
                .setVisibility(Notification.VISIBILITY_PUBLIC)
                .setOngoing(true)
                .setShowWhen(false)
                .setContentIntent(opening)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) showAtOnce(made)
        return made.build()
    }

    @NewerApi
    private fun showAtOnce(made: Notification.Builder) {
        made.setForegroundServiceBehavior(Notification.FOREGROUND_SERVICE_IMMEDIATE)
    }

    companion object {
        /** Numbers of notifications. */
        const val WORK = 1
        const val WATCH = 2
    }
}

// Roots that are observed while the app runs (docs/host-api.md H-30). Rule: for media the platform says that something changed, and
// that is told as "anywhere"; for what nobody observes, that is said at once, and the sweeps find it.

package org.coffre.app.ports

import android.content.Context
import android.database.ContentObserver
import android.net.Uri
import android.os.Handler
import android.os.HandlerThread
import org.coffre.host.ports.TreeListener
import org.coffre.host.ports.TreeWatch

/** All of MediaStore. */
private val MEDIA: Uri = Uri.parse("content://media")

/** Observes MediaStore; document trees and folders are said to be unwatched. */
class PhoneTreeWatch(
    private val context: Context,
) : TreeWatch {
    override fun observe(
        root: String,
        listener: TreeListener,
    ): AutoCloseable {
        if (!root.startsWith("media:")) {
            listener.changed(null)
            listener.unwatched(true)
            return AutoCloseable {}
        }
        val thread = HandlerThread("coffre-media").apply { start() }
        val observer =
            object : ContentObserver(Handler(thread.looper)) {
                override fun onChange(isOwn: Boolean) = listener.changed(null)
            }
        context.contentResolver.registerContentObserver(MEDIA, true, observer)
        return AutoCloseable {
            context.contentResolver.unregisterContentObserver(observer)
            thread.quitSafely()
        }
    }
}

// Roots that are observed while the app runs (docs/host-api.md H-30). Rule: for media the platform says that something changed, and
// that is told as "anywhere"; for what nobody observes, that is said at once, and the sweeps find it.

package org.coffre.app.ports

import android.content.Context
import android.database.ContentObserver
import android.net.Uri
import android.os.FileObserver
import android.os.Handler
import android.os.HandlerThread
import org.coffre.app.files.MediaPlace
import org.coffre.app.files.TreeFiles
import org.coffre.host.ports.TreeListener
import org.coffre.host.ports.TreeWatch
import java.io.File

/** All of MediaStore. */
private val MEDIA: Uri = Uri.parse("content://media")

/** Observes MediaStore, and folders by their paths; document trees are said to be unwatched. */
class PhoneTreeWatch(
    private val context: Context,
    private val folders: FolderObserver = SystemFolderObserver,
) : TreeWatch {
    override fun observe(
        root: String,
        listener: TreeListener,
    ): AutoCloseable =
        when {
            MediaPlace.isLocator(root) -> observeMedia(listener)
            TreeFiles.isLocator(root) -> sayUnwatched(listener)
            else -> FolderTree(File(root), folders, listener).also { it.begin() }
        }

    private fun sayUnwatched(listener: TreeListener): AutoCloseable {
        listener.changed(null)
        listener.unwatched(true)
        return AutoCloseable {}
    }

    private fun observeMedia(listener: TreeListener): AutoCloseable {
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

/** inotify, as Android gives it to apps. Of a queue that ran over it tells nobody; the sweeps find what was lost. */
private object SystemFolderObserver : FolderObserver {
    private const val ENTRIES =
        FileObserver.CREATE or FileObserver.MOVED_TO or FileObserver.MOVED_FROM or FileObserver.DELETE or
            FileObserver.CLOSE_WRITE or FileObserver.ATTRIB
    private const val GONE = FileObserver.DELETE_SELF or FileObserver.MOVE_SELF

    override fun observe(
        folder: File,
        tell: (FolderEvent) -> Unit,
    ): AutoCloseable {
        val observer =
            object : FileObserver(folder.path, ENTRIES or GONE) {
                override fun onEvent(
                    event: Int,
                    path: String?,
                ) {
                    if (event and GONE != 0) tell(FolderEvent.Gone)
                    if (event and ENTRIES != 0 && path != null) tell(FolderEvent.Entry(path))
                }
            }
        observer.startWatching()
        return AutoCloseable { observer.stopWatching() }
    }
}

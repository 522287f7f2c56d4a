// A tree of folders, observed one folder at a time (docs/host-api.md H-30). Rule: a folder is observed before it is looked into, and
// when it is not certain that every change was seen, the word is "anywhere".

package org.coffre.app.ports

import org.coffre.host.ports.TreeListener
import java.io.File
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.TimeUnit

/** What happened to an observed folder. */
sealed interface FolderEvent {
    /** Something with this name came, went, or was written. */
    data class Entry(
        val name: String,
    ) : FolderEvent

    /** The folder itself went away or was moved. */
    data object Gone : FolderEvent

    /** Events were lost. */
    data object Lost : FolderEvent
}

/** Observes single folders. */
fun interface FolderObserver {
    /** Tells of [folder] and not of what is below it, on a thread of its own, until what comes back is closed. */
    fun observe(
        folder: File,
        tell: (FolderEvent) -> Unit,
    ): AutoCloseable
}

/** As many as a phone's kernel has watches for, with room for other apps. */
private const val MOST_FOLDERS = 4_096

/** How often it is looked whether a root has come that was away. */
private const val LOOK_MS = 1_500L

/** All folders of one tree; what happens, happens on one thread. */
class FolderTree(
    private val root: File,
    private val observer: FolderObserver,
    private val listener: TreeListener,
    private val mostFolders: Int = MOST_FOLDERS,
) : AutoCloseable {
    private val thread: ScheduledExecutorService =
        Executors.newSingleThreadScheduledExecutor { Thread(it, "coffre-folders").apply { isDaemon = true } }
    private val observed = HashMap<File, AutoCloseable>()
    private var isFull = false

    fun begin() = post { addRoot() }

    override fun close() {
        post { observed.values.forEach(AutoCloseable::close) }
        thread.shutdown()
    }

    private fun addRoot() {
        add(root)
        if (root in observed) return
        listener.changed(null)
        lookLater()
    }

    private fun add(folder: File) {
        val waiting = ArrayDeque(listOf(folder))
        while (waiting.isNotEmpty()) {
            val next = waiting.removeFirst()
            if (!Files.isDirectory(next.toPath(), NOFOLLOW_LINKS) && next != root) continue
            if (!next.isDirectory || next in observed) continue
            if (observed.size >= mostFolders) return overflow()
            observed[next] = observer.observe(next) { event -> post { take(next, event) } }
            waiting += next.listFiles().orEmpty().filter { Files.isDirectory(it.toPath(), NOFOLLOW_LINKS) }
        }
    }

    private fun take(
        folder: File,
        event: FolderEvent,
    ) {
        if (folder !in observed) return
        when (event) {
            is FolderEvent.Entry -> {
                listener.changed(pathOf(folder))
                val entry = File(folder, event.name)
                if (entry !in observed && Files.isDirectory(entry.toPath(), NOFOLLOW_LINKS)) {
                    add(entry)
                    // Files may have come into it before it was observed.
                    listener.changed(pathOf(entry))
                }
            }

            FolderEvent.Gone -> {
                lose(folder)
            }

            FolderEvent.Lost -> {
                lose(root)
            }
        }
    }

    /** Forgets a folder and what is below it; a root is looked for again. */
    private fun lose(folder: File) {
        val lost = observed.keys.filter { it.startsWith(folder) }
        for (gone in lost) observed.remove(gone)?.close()
        if (folder != root) return
        listener.changed(null)
        if (isFull) listener.unwatched(false)
        isFull = false
        addRoot()
    }

    private fun overflow() {
        isFull = true
        listener.changed(null)
        listener.unwatched(true)
    }

    private fun lookLater() {
        thread.schedule({ if (root.isDirectory) appear() else lookLater() }, LOOK_MS, TimeUnit.MILLISECONDS)
    }

    private fun appear() {
        addRoot()
        listener.changed(null)
    }

    private fun pathOf(folder: File): String = folder.relativeTo(root).path

    private fun post(task: () -> Unit) {
        try {
            thread.execute(task)
        } catch (_: RejectedExecutionException) {
            // It was closed.
        }
    }
}

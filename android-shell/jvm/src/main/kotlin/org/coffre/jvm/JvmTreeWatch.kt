// Watching a tree by java.nio: one watch for each folder, none for files. Rule: a folder is watched before it is looked into,
// so that nothing can appear between the two unseen.

package org.coffre.jvm

import org.coffre.host.jvm.pathBytes
import org.coffre.host.jvm.placeOf
import org.coffre.host.ports.TreeListener
import org.coffre.host.ports.TreeWatch
import org.coffre.host.ports.joinPath
import org.coffre.host.ports.nameText
import java.io.IOException
import java.nio.file.ClosedWatchServiceException
import java.nio.file.DirectoryIteratorException
import java.nio.file.FileSystemException
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardWatchEventKinds.ENTRY_CREATE
import java.nio.file.StandardWatchEventKinds.ENTRY_DELETE
import java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY
import java.nio.file.StandardWatchEventKinds.OVERFLOW
import java.nio.file.WatchEvent
import java.nio.file.WatchKey
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import java.nio.file.Files as Nio

/** Observes trees by the system's watches. */
object JvmTreeWatch : TreeWatch {
    override fun observe(
        root: String,
        listener: TreeListener,
    ): AutoCloseable = ObservedTree(placeOf(root).path, listener).also { it.begin() }
}

/** One watched folder costs about a kilobyte here and as much in the kernel. */
private const val MOST_FOLDERS = 100_000

/** How often it is looked whether the root is the folder that it was. */
private const val LOOK_MS = 1_000L

/** Pauses before watches are asked for again: each is twice as long as the one before. */
private const val FIRST_PAUSE_MS = 30_000L
private const val LONGEST_PAUSE_MS = 900_000L
private const val NS_PER_MS = 1_000_000L

private class ObservedTree(
    private val root: Path,
    private val listener: TreeListener,
) : AutoCloseable {
    /** A watched folder: where it is, and its path below the root, which may be longer than the border takes. */
    private class Watched(
        val place: Path,
        val path: String,
    )

    private val service = root.fileSystem.newWatchService()
    private val folders = HashMap<WatchKey, Watched>()
    private val keys = HashMap<String, WatchKey>()

    /** Folders that no watch was left for, by their paths below the root. */
    private val starved = LinkedHashMap<String, Path>()
    private var pauseMs = FIRST_PAUSE_MS
    private var starvedNs = 0L
    private var ground = Ground.of(root)
    private var lookedNs = System.nanoTime()

    fun begin() {
        thread(name = "coffre-watch", isDaemon = true) {
            try {
                add(root, "", isNew = false)
                while (true) {
                    service.poll(LOOK_MS, TimeUnit.MILLISECONDS)?.let(::takeEvents)
                    if (System.nanoTime() - lookedNs >= LOOK_MS * NS_PER_MS) look()
                    if (starved.isNotEmpty() && System.nanoTime() - starvedNs >= pauseMs * NS_PER_MS) retry()
                }
            } catch (_: ClosedWatchServiceException) {
                // Closed: nobody listens any more.
            }
        }
    }

    override fun close() = service.close()

    /** A root that is another folder than before is watched anew; so is a disk that came or went below it. */
    private fun look() {
        lookedNs = System.nanoTime()
        val before = ground
        ground = Ground.of(root)
        val isLost = ground.identity != null && "" !in keys
        if (ground.identity != before.identity || isLost) {
            startOver()
            return
        }
        for (place in ground.changedSince(before)) {
            val path = root.relativize(place).joinToString("/") { nameText(pathBytes(it)) }
            lose(path)
            listener.changed(path)
            add(place, path, isNew = true)
        }
    }

    /** Watches come free when other programs end, or when somebody raises the limit. */
    private fun retry() {
        for ((path, folder) in starved.toMap()) {
            lose(path)
            add(folder, path, isNew = true)
            // As long as there is none for one of them, the others need not be asked for.
            if (path in starved) break
        }
        starvedNs = System.nanoTime()
        pauseMs = if (starved.isEmpty()) FIRST_PAUSE_MS else minOf(pauseMs * 2, LONGEST_PAUSE_MS)
        if (starved.isEmpty()) listener.unwatched(false)
    }

    /** What is below a folder may change unseen from now on; that was said already of one that is tried again. */
    private fun starve(
        folder: Path,
        path: String,
    ) {
        if (starved.isEmpty()) starvedNs = System.nanoTime()
        if (starved.put(path, folder) == null) listener.changed(null)
        listener.unwatched(true)
    }

    /** Watches a folder and those in it. One that appeared later is told of as changed: files may be in it. */
    private fun add(
        folder: Path,
        path: String,
        isNew: Boolean,
    ) {
        val below = ArrayDeque(listOf(folder to path))
        while (below.isNotEmpty()) {
            val (next, nextPath) = below.removeLast()
            if (!register(next, nextPath)) continue
            if (isNew) listener.changed(nextPath)
            below += foldersIn(next).map { it to joinPath(nextPath, nameText(pathBytes(it.fileName))) }
        }
    }

    private fun register(
        folder: Path,
        path: String,
    ): Boolean {
        if (keys.size >= MOST_FOLDERS) {
            starve(folder, path)
            return false
        }
        return try {
            val key = folder.register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY)
            // A folder that was moved keeps its key: it has another path now.
            folders.put(key, Watched(folder, path))?.let { if (it.path != path) keys.remove(it.path) }
            keys[path] = key
            starved.remove(path)
            true
        } catch (error: IOException) {
            // The system's own refusals of a path are of this class; what is left is that there is no watch left.
            if (error !is FileSystemException) {
                starve(folder, path)
            } else {
                starved.remove(path)
                // What vanished is told of by the folder above; every other failure leaves a gap.
                if (error !is NoSuchFileException || path.isEmpty()) listener.changed(null)
            }
            false
        }
    }

    private fun takeEvents(key: WatchKey) {
        val events = key.pollEvents()
        val folder = folders[key]
        if (folder != null && events.any { it.kind() == OVERFLOW }) {
            startOver()
        } else if (folder != null) {
            if (events.isNotEmpty()) listener.changed(folder.path)
            for (event in events) if (event.kind() != ENTRY_MODIFY) follow(folder, event)
        }
        if (!key.reset()) folders[key]?.let { lose(it.path) }
    }

    private fun follow(
        folder: Watched,
        event: WatchEvent<*>,
    ) {
        val name = event.context() as Path
        val path = joinPath(folder.path, nameText(pathBytes(name)))
        lose(path)
        if (event.kind() != ENTRY_CREATE) return
        val found = folder.place.resolve(name)
        if (Nio.isDirectory(found, NOFOLLOW_LINKS)) add(found, path, isNew = true)
    }

    /** Stops watching a folder and those below it: they went away. */
    private fun lose(path: String) {
        if (path !in keys) return
        for (lost in keys.keys.filter { it == path || path.isEmpty() || it.startsWith("$path/") }) {
            val key = keys.remove(lost) ?: continue
            folders.remove(key)
            key.cancel()
        }
        if (path.isEmpty()) listener.changed(null)
    }

    /** Folders may have come unseen: watches everything anew. */
    private fun startOver() {
        for (key in keys.values) key.cancel()
        keys.clear()
        folders.clear()
        starved.clear()
        listener.changed(null)
        listener.unwatched(false)
        add(root, "", isNew = false)
    }

    private fun foldersIn(folder: Path): List<Path> =
        try {
            Nio.newDirectoryStream(folder) { Nio.isDirectory(it, NOFOLLOW_LINKS) }.use { it.toList() }
        } catch (_: IOException) {
            emptyList()
        } catch (_: DirectoryIteratorException) {
            emptyList()
        }
}

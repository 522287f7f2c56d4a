// `watch`: roots observed for changes (docs/host-api.md H-30). Rule: changes are gathered for a moment, so that a folder that
// is being filled is told of a few times only.

package org.coffre.host.effects

import org.coffre.host.ports.Clock
import org.coffre.host.ports.TreeListener
import org.coffre.host.ports.TreeWatch
import java.io.IOException

private const val GATHER_MS = 250L
private const val MOST_FOLDERS = 500

/** Who hears of roots. */
interface WatchListener {
    /** Something changed below a root: in those folders, or anywhere. */
    fun changed(
        root: String,
        folders: List<String>?,
    )

    /** From now on changes below a root may go unseen, or are all seen again. */
    fun unwatched(
        root: String,
        isUnwatched: Boolean,
    )
}

/** The roots that are observed now. Any thread. */
class Watch(
    private val trees: TreeWatch,
    private val clock: Clock,
    private val listener: WatchListener,
) : AutoCloseable {
    private inner class Observed(
        private val root: String,
    ) : TreeListener {
        val changes = Changes(clock) { folders -> listener.changed(root, folders) }

        @Volatile
        private var isUnwatched = false

        val tree: AutoCloseable =
            try {
                trees.observe(root, this)
            } catch (_: IOException) {
                changed(null)
                unwatched(true)
                AutoCloseable {}
            }

        override fun changed(folder: String?) = changes.add(folder)

        override fun unwatched(isUnwatched: Boolean) {
            if (this.isUnwatched != isUnwatched) listener.unwatched(root, isUnwatched)
            this.isUnwatched = isUnwatched
        }

        /** Whoever asks anew hears it again. */
        fun tellAgain() {
            if (isUnwatched) listener.unwatched(root, true)
        }
    }

    private val observed = HashMap<String, Observed>()

    /** Observes these roots and no others. */
    @Synchronized
    fun set(roots: List<String>) {
        for (root in observed.keys - roots.toSet()) drop(root)
        for (root in roots) {
            val known = observed[root]
            if (known == null) observed[root] = Observed(root) else known.tellAgain()
        }
    }

    override fun close() = set(emptyList())

    private fun drop(root: String) {
        observed.remove(root)?.let {
            it.tree.close()
            it.changes.close()
        }
    }
}

/** Gathers the folders in which something changed. */
private class Changes(
    private val clock: Clock,
    private val tell: (List<String>?) -> Unit,
) : AutoCloseable {
    private var folders: MutableSet<String>? = LinkedHashSet()
    private var timer: AutoCloseable? = null
    private var isClosed = false

    /** null means anywhere. */
    @Synchronized
    fun add(folder: String?) {
        if (isClosed) return
        if (folder == null || (folders?.size ?: 0) >= MOST_FOLDERS) folders = null else folders?.add(folder)
        if (timer == null) timer = clock.callAt(clock.nowMs() + GATHER_MS, ::tellGathered)
    }

    @Synchronized
    override fun close() {
        isClosed = true
        timer?.close()
    }

    private fun tellGathered() {
        val gathered =
            synchronized(this) {
                if (isClosed) return
                timer = null
                folders.also { folders = LinkedHashSet() }
            }
        tell(gathered?.toList())
    }
}

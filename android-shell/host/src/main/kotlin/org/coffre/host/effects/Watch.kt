// `watch`: roots observed for changes (docs/host-api.md H-30). Rule: changes are gathered for a moment, so that a folder that
// is being filled is told of a few times only.

package org.coffre.host.effects

import org.coffre.host.ports.Clock
import org.coffre.host.ports.TreeWatch
import java.io.IOException

private const val GATHER_MS = 250L
private const val MOST_FOLDERS = 500

/** The roots that are observed now. Any thread. */
class Watch(
    private val trees: TreeWatch,
    private val clock: Clock,
    private val onChanged: (root: String, folders: List<String>?) -> Unit,
) : AutoCloseable {
    private class Observed(
        val tree: AutoCloseable,
        val changes: Changes,
    )

    private val observed = HashMap<String, Observed>()

    /** Observes these roots and no others. */
    @Synchronized
    fun set(roots: List<String>) {
        for (root in observed.keys - roots.toSet()) drop(root)
        for (root in roots) if (root !in observed) observe(root)
    }

    override fun close() = set(emptyList())

    private fun observe(root: String) {
        val changes = Changes(clock) { folders -> onChanged(root, folders) }
        val tree =
            try {
                trees.observe(root, changes::add)
            } catch (_: IOException) {
                changes.add(null)
                AutoCloseable {}
            }
        observed[root] = Observed(tree, changes)
    }

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

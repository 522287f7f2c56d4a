// Folders observed for changes, by whatever a platform has (docs/host-api.md H-30). Rule: when it is not certain that every
// change was seen, the word is "anywhere", never silence.

package org.coffre.host.ports

/** Hears of one tree. Any thread. */
interface TreeListener {
    /** Something changed in [folder], a path below the root; null for anywhere. */
    fun changed(folder: String?)

    /** Changes may go unseen from now on, since no watch is left, or are all seen again. */
    fun unwatched(isUnwatched: Boolean)
}

/** Observes whole trees. */
fun interface TreeWatch {
    /**
     * Tells [listener] of what happens below [root], on threads of its own, until what comes back is closed. A root that is
     * not there, or is replaced, is observed when it comes. Throws IOException when the system has no watch left: then nobody
     * is told.
     */
    fun observe(
        root: String,
        listener: TreeListener,
    ): AutoCloseable
}

// Folders observed for changes, by whatever a platform has (docs/host-api.md H-30). Rule: when it is not certain that every
// change was seen, the word is "anywhere", never silence.

package org.coffre.host.ports

/** Observes whole trees. */
fun interface TreeWatch {
    /**
     * Tells [onChange] of the folder (a path below [root]) of each change, or null for anywhere, on threads of its own,
     * until what comes back is closed. Throws IOException when the system has no watch left: then nobody is told.
     */
    fun observe(
        root: String,
        onChange: (folder: String?) -> Unit,
    ): AutoCloseable
}

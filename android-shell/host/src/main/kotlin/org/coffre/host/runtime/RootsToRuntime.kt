// What is seen of roots, on its way to the engine. Rule: said as it was seen; the engine decides.

package org.coffre.host.runtime

import org.coffre.host.effects.WatchListener

/** Hands what a watch sees to a runtime, which is made after it. */
class RootsToRuntime(
    private val runtime: () -> HostRuntime,
) : WatchListener {
    override fun changed(
        root: String,
        folders: List<String>?,
    ) = runtime().tellChanged(root, folders)

    override fun unwatched(
        root: String,
        isUnwatched: Boolean,
    ) = runtime().tellUnwatched(root, isUnwatched)
}

// `wake`: the engine runs again at a time (docs/host-api.md H-29). Rule: there is one wake; a new one replaces the one before,
// which is never answered.

package org.coffre.host.runtime

import org.coffre.host.ports.Clock

/** The one wake of an engine; used by the engine's thread alone. */
internal class Wake(
    private val clock: Clock,
) {
    private var id: Long? = null
    private var alarm: AutoCloseable? = null

    /** Calls [due] on the clock's thread at [atMs] or after it, instead of what was set before. */
    fun set(
        id: Long,
        atMs: Long,
        due: (Long) -> Unit,
    ) {
        clear()
        this.id = id
        alarm = clock.callAt(atMs) { due(id) }
    }

    /** Takes the wake away when it has this id; whether it had. */
    fun take(id: Long): Boolean {
        if (this.id != id) return false
        clear()
        return true
    }

    /** Takes back whatever is set. */
    fun clear() {
        id = null
        alarm?.close()
        alarm = null
    }
}

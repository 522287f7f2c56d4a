// What undid a step. Rule: words for a bug report, without names, paths, keys or content.

package org.coffre.host.runtime

import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.store.StoreFailure

/** A step that was undone, and why: the engine's own code, or the host's. */
data class Fault(
    val code: String,
    val message: String,
) {
    companion object {
        /** The fault of a step that [error] ended: `host-no-space` for a full disk, else `host-error`. */
        fun of(error: Throwable): Fault {
            val kind =
                when (error) {
                    is StoreFailure -> error.kind
                    is DatabaseFailure -> error.kind
                    else -> (error.cause as? DatabaseFailure)?.kind
                }
            val code = if (kind == DatabaseFailure.Kind.FULL) "host-no-space" else "host-error"
            return Fault(code, (if (isOurs(error)) error.message else null) ?: error.javaClass.simpleName)
        }

        /** Messages of other people's exceptions may quote what they were working on. */
        private fun isOurs(error: Throwable): Boolean = error.javaClass.name.startsWith("org.coffre.")
    }
}

/** Three faults in ten minutes: the work has stopped, and says so (H-3). */
class RuntimeStopped(
    val fault: Fault,
) : Exception("stopped after ${HostRuntime.MOST_FAULTS} faults; the last one: ${fault.code}: ${fault.message}")

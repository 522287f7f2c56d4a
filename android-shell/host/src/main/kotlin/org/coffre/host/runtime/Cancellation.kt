// The end of an effect before its time (docs/host-api.md H-31). Rule: an action runs once, at once when it comes too late,
// and not at all once it was taken back.

package org.coffre.host.runtime

/** Set when the engine cancels an effect, or when the host finishes. Any thread. */
class Cancellation {
    private val actions = LinkedHashSet<Action>()

    @Volatile
    var isCancelled = false
        private set

    /** Calls [action] when this is cancelled, on the thread that cancels. Close what comes back when it is needed no more. */
    fun onCancel(action: () -> Unit): AutoCloseable {
        val entry = Action(action)
        val isLate =
            synchronized(actions) {
                if (!isCancelled) actions += entry
                isCancelled
            }
        if (isLate) action()
        return entry
    }

    /** Throws [EffectCancelled] once this was cancelled. */
    fun check() {
        if (isCancelled) throw EffectCancelled()
    }

    /** Cancels, once; later calls do nothing. */
    fun cancel() {
        val due =
            synchronized(actions) {
                isCancelled = true
                actions.toList().also { actions.clear() }
            }
        for (action in due) action.run()
    }

    private inner class Action(
        private val action: () -> Unit,
    ) : AutoCloseable {
        fun run() = action()

        override fun close() {
            synchronized(actions) { actions -= this }
        }
    }
}

/** Thrown by an effect that was cancelled: it is answered `cancelled`. */
class EffectCancelled : Exception("cancelled")

/** Thrown by an effect that no host can carry out, such as one with a malformed path: answered `failed`, `host-error`. */
class RefusedEffect(
    message: String,
) : Exception(message)

// Time as the host sees it. Rule: whatever waits for a time waits on a Clock, so that tests can turn one by hand.

package org.coffre.host.ports

/** A clock that tells the time and calls back. */
interface Clock {
    /** Milliseconds since 1970, UTC. */
    fun nowMs(): Long

    /** Milliseconds of a clock that is never set, from any beginning. */
    fun monotonicMs(): Long

    /**
     * Calls [call] once, on a thread of the clock's own, at [atMs] or after it, also when the wall clock is set back. What comes back takes the call back; a call
     * that has begun is not waited for.
     */
    fun callAt(
        atMs: Long,
        call: () -> Unit,
    ): AutoCloseable
}

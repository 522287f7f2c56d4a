// A clock that is turned by hand. Rule: what became due is called by whoever turns it.

package org.coffre.jvm.runtime

import org.coffre.host.ports.Clock

class TestClock(
    private var timeMs: Long = 1_700_000_000_000,
) : Clock {
    private class Alarm(
        val atMs: Long,
        val call: () -> Unit,
    )

    private val alarms = ArrayList<Alarm>()

    @Synchronized
    override fun nowMs(): Long = timeMs

    @Synchronized
    override fun monotonicMs(): Long = timeMs

    @Synchronized
    override fun callAt(
        atMs: Long,
        call: () -> Unit,
    ): AutoCloseable {
        val alarm = Alarm(atMs, call)
        alarms += alarm
        return AutoCloseable { synchronized(this) { alarms -= alarm } }
    }

    /** Turns the clock on, and calls what became due. */
    fun advance(byMs: Long) {
        val due =
            synchronized(this) {
                timeMs += byMs
                alarms.filter { it.atMs <= timeMs }.also { alarms -= it.toSet() }
            }
        due.forEach { it.call() }
    }
}

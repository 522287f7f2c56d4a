// The machine's own clock. Rule: a timer is looked at again every few seconds, since the wall clock may be set and a machine
// may sleep.

package org.coffre.host.jvm

import org.coffre.host.ports.Clock
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** Tells wall-clock time, and calls back by it. */
class SystemClock : Clock {
    private val timer =
        ScheduledThreadPoolExecutor(1) { work -> Thread(work, "coffre-clock").apply { isDaemon = true } }
            .apply { removeOnCancelPolicy = true }

    override fun nowMs(): Long = System.currentTimeMillis()

    override fun monotonicMs(): Long = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - BEGIN_NS)

    override fun callAt(
        atMs: Long,
        call: () -> Unit,
    ): AutoCloseable = Alarm(atMs, call).also { it.arm() }

    private inner class Alarm(
        private val atMs: Long,
        private val call: () -> Unit,
    ) : AutoCloseable {
        private val endMs = monotonicMs() + (atMs - nowMs())
        private var isTakenBack = false
        private var pending: AutoCloseable? = null

        @Synchronized
        fun arm() {
            if (isTakenBack) return
            val delayMs = remainingMs().coerceIn(0, LONGEST_TIMER_MS)
            val future = timer.schedule(::look, delayMs, TimeUnit.MILLISECONDS)
            pending = AutoCloseable { future.cancel(false) }
        }

        /** Until the wall clock or the one that is never set has come that far. */
        private fun remainingMs(): Long = minOf(atMs - nowMs(), endMs - monotonicMs())

        private fun look() {
            if (remainingMs() > 0) return arm()
            if (!takeBack()) call()
        }

        /** Whether it had been taken back before. */
        @Synchronized
        private fun takeBack(): Boolean = isTakenBack.also { isTakenBack = true }

        @Synchronized
        override fun close() {
            isTakenBack = true
            pending?.close()
        }
    }

    private companion object {
        const val LONGEST_TIMER_MS = 15_000L
        val BEGIN_NS: Long = System.nanoTime()
    }
}

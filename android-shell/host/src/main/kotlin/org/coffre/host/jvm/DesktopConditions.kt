// The conditions of a machine that is always plugged in and online. Rule: only the time zone can change, and it is looked at
// again every minute.

package org.coffre.host.jvm

import org.coffre.host.ports.Clock
import org.coffre.host.ports.Conditions
import org.coffre.host.ports.CurrentConditions
import java.time.Instant
import java.time.ZoneId

/** Unmetered, charging, and the system's time zone by [clock]. */
class DesktopConditions(
    private val clock: Clock,
) : Conditions {
    override fun read(): CurrentConditions {
        val offset = ZoneId.systemDefault().rules.getOffset(Instant.ofEpochMilli(clock.nowMs()))
        val minutes = offset.totalSeconds / SECONDS_A_MINUTE
        return CurrentConditions(CurrentConditions.Network.UNMETERED, charging = true, utcOffsetMinutes = minutes)
    }

    override fun observe(onChange: (CurrentConditions) -> Unit): AutoCloseable = Observation(onChange).also { it.arm() }

    private inner class Observation(
        private val onChange: (CurrentConditions) -> Unit,
    ) : AutoCloseable {
        private var last = read()
        private var alarm: AutoCloseable? = null
        private var isClosed = false

        @Synchronized
        fun arm() {
            if (!isClosed) alarm = clock.callAt(clock.nowMs() + LOOK_MS, ::look)
        }

        private fun look() {
            val now = read()
            if (now != last) onChange(now)
            last = now
            arm()
        }

        @Synchronized
        override fun close() {
            isClosed = true
            alarm?.close()
        }
    }

    private companion object {
        const val LOOK_MS = 60_000L
        const val SECONDS_A_MINUTE = 60
    }
}

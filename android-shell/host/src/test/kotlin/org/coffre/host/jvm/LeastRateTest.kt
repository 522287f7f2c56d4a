package org.coffre.host.jvm

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class LeastRateTest {
    /** Whether a body that brings [bytes] every [everyNs] is given up within [ns]. */
    private fun isGivenUp(
        bytes: Int,
        everyNs: Long,
        ns: Long,
    ): Boolean {
        val rate = LeastRate(0)
        return (everyNs..ns step everyNs).any { rate.isTooSlow(it, bytes) }
    }

    @Test
    fun `a byte in five seconds is given up after half a minute, and not before`() {
        assertEquals(false, isGivenUp(1, 5_000_000_000, LeastRate.SPAN_NS - 1))
        assertEquals(true, isGivenUp(1, 5_000_000_000, LeastRate.SPAN_NS))
    }

    @Test
    fun `little that is as much as it must be goes on for ever`() {
        assertEquals(false, isGivenUp(137, 1_000_000_000, 3_600_000_000_000))
    }
}

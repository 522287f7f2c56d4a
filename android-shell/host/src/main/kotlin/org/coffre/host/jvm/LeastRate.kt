// The least rate of a body that comes in (docs/host-api.md H-35). Rule: a byte now and then is no progress; what takes longer
// than any real link would is silence.

package org.coffre.host.jvm

/** Watches one body, by a clock in nanoseconds that only goes forward. */
internal class LeastRate(
    nowNs: Long,
) {
    private var spanBeganNs = nowNs
    private var bytes = 0L

    /** Takes note of what came; true when the span that is over now brought too little. */
    fun isTooSlow(
        nowNs: Long,
        cameBytes: Int,
    ): Boolean {
        bytes += cameBytes
        if (nowNs - spanBeganNs < SPAN_NS) return false
        val isTooSlow = bytes < SPAN_BYTES
        spanBeganNs = nowNs
        bytes = 0
        return isTooSlow
    }

    companion object {
        /** How long a body is looked at before it is judged, and again from there. */
        const val SPAN_NS = 30_000_000_000L

        /** What even the worst of links brings in that time. */
        const val SPAN_BYTES = 4_096L
    }
}

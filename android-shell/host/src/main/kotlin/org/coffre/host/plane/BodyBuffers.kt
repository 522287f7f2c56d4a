// The arrays in which bodies are built and received. Rule: a body's memory is used again, never left to the collector; what
// waits for an array waits here.

package org.coffre.host.plane

import org.coffre.host.runtime.Cancellation
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/** The largest body (docs/host-api.md H-22), and the size of every array. */
const val BODY_BYTES = 8 * 1024 * 1024

/** A pool of at most [most] arrays of [BODY_BYTES]. */
class BodyBuffers(
    private val most: Int,
) {
    private val lock = ReentrantLock(true)
    private val isFree = lock.newCondition()
    private val free = ArrayDeque<ByteArray>()
    private var made = 0

    /** Runs [work] with an array of its own, whose content is arbitrary. Throws EffectCancelled while it waits for one. */
    fun <T> use(
        cancellation: Cancellation,
        work: (ByteArray) -> T,
    ): T {
        val buffer = take(cancellation)
        try {
            return work(buffer)
        } finally {
            lock.withLock {
                free.addLast(buffer)
                isFree.signal()
            }
        }
    }

    private fun take(cancellation: Cancellation): ByteArray =
        lock.withLock {
            while (free.isEmpty() && made >= most) {
                cancellation.check()
                isFree.await(LOOK_MS, TimeUnit.MILLISECONDS)
            }
            free.removeLastOrNull() ?: ByteArray(BODY_BYTES).also { made++ }
        }

    private companion object {
        /** How often whoever waits looks whether it was cancelled. */
        const val LOOK_MS = 100L
    }
}

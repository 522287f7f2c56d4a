// One after the other: the work that fills a processor. Rule: it runs in the order in which it came, since two bodies built by
// turns are both late, and a chunk must be sealed before newer ones take its memory.

package org.coffre.host.effects

import org.coffre.host.runtime.Cancellation
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock

/** A queue with one place at its head. */
internal class Lane {
    private val lock = ReentrantLock(true)

    /** Runs [work] when everything before it has ended. Throws EffectCancelled while it waits. */
    fun <T> run(
        cancellation: Cancellation,
        work: () -> T,
    ): T {
        do cancellation.check() while (!lock.tryLock(LOOK_MS, TimeUnit.MILLISECONDS))
        try {
            return work()
        } finally {
            lock.unlock()
        }
    }

    private companion object {
        /** How often whoever waits looks whether it was cancelled. */
        const val LOOK_MS = 100L
    }
}

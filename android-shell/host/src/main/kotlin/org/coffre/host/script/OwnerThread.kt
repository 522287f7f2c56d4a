// The thread that owns a script engine (docs/host-api.md H-5). Rule: 16 MiB of stack; a script that recurses on a default
// stack overflows natively and ends the process.

package org.coffre.host.script

import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** Makes owner threads; the only place that does. */
object OwnerThread {
    const val STACK_BYTES: Long = 16L shl 20

    /** One thread that runs what it is given, in order. */
    fun open(): ExecutorService =
        Executors.newSingleThreadExecutor { work ->
            Thread(null, work, "coffre-engine", STACK_BYTES).apply { isDaemon = true }
        }
}

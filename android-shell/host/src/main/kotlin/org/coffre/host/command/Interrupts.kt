// What Ctrl-C and SIGTERM do. Rule: the first one ends the work at the next safe point, the second one at once.

package org.coffre.host.command

import sun.misc.Signal
import sun.misc.SignalHandler

private val SIGNALS = listOf("INT", "TERM", "HUP")
private const val SIGNAL_EXIT = 128

/** Calls [onFirst] at the first signal until [work] ends; the second one ends the process as a shell expects. */
internal fun <T> withInterrupts(
    onFirst: () -> Unit,
    work: () -> T,
): T {
    var isSeen = false
    val handler =
        SignalHandler { signal ->
            if (isSeen) Runtime.getRuntime().halt(SIGNAL_EXIT + signal.number)
            isSeen = true
            onFirst()
        }
    val before = SIGNALS.map { name -> Signal(name).let { it to Signal.handle(it, handler) } }
    try {
        return work()
    } finally {
        for ((signal, old) in before) Signal.handle(signal, old)
    }
}

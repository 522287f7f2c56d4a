// The recovery words between the engine and the screen (docs/host-api.md H-33). Rule: the engine goes on only when a screen has
// them, and they are in memory only, until their owner has shown that they are written down.

package org.coffre.app.session

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import org.coffre.host.runtime.ViewUnseen
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

private const val WAIT_S = 60L

/** Any thread. */
class WordsDesk {
    private val shown = MutableStateFlow<List<String>?>(null)

    @Volatile
    private var taken = CountDownLatch(0)

    /** The words that a screen is to show now, or null. */
    val words: StateFlow<List<String>?> get() = shown

    /** Hands [text] to the screen and waits until it has it. Throws [ViewUnseen] when no screen is there. */
    fun show(text: String) {
        val latch = CountDownLatch(1)
        taken = latch
        shown.value = text.split(' ')
        if (!latch.await(WAIT_S, TimeUnit.SECONDS)) {
            shown.value = null
            throw ViewUnseen()
        }
    }

    /** Said by the screen as soon as the words are on it. */
    fun haveShown() = taken.countDown()

    /** Drops the words: their owner has them. */
    fun forget() {
        shown.value = null
    }
}

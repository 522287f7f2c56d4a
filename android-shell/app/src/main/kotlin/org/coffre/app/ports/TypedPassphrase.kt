// The passphrase between the screen where it is typed and the one place that needs it (docs/host-api.md H-26). Rule: it is in
// memory only, survives a turn of the phone there, and is gone once it was taken.

package org.coffre.app.ports

import org.coffre.host.effects.GivenPassphrase
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.judgePassphrase

/** Gives what was typed, once. Any thread. */
class TypedPassphrase : PassphraseSource {
    private var typed: CharArray? = null

    /** Keeps [text] for the next question, and belongs to it from now on. */
    @Synchronized
    fun type(text: CharArray) {
        forget()
        typed = text
    }

    /** Drops what nobody asked for. */
    @Synchronized
    fun forget() {
        typed?.fill('\u0000')
        typed = null
    }

    @Synchronized
    override fun ask(isNew: Boolean): GivenPassphrase {
        val text = typed ?: return GivenPassphrase.None
        return judgePassphrase(String(text), isNew).also { forget() }
    }
}

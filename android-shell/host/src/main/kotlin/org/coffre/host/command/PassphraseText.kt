// A passphrase that was read from a file. Rule: one line feed at its end does not belong to it.

package org.coffre.host.command

import org.coffre.host.effects.GivenPassphrase
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.judgePassphrase

/** What a file holds, which may have been a pipe: it is read before, and once. */
internal class PassphraseText(
    private val text: String,
) : PassphraseSource {
    override fun ask(isNew: Boolean): GivenPassphrase =
        judgePassphrase(text.removeSuffix("\n").removeSuffix("\r"), isNew)
}

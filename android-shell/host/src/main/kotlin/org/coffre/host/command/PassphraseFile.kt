// A passphrase from a file. Rule: one line feed at its end does not belong to it.

package org.coffre.host.command

import org.coffre.host.effects.GivenPassphrase
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.judgePassphrase
import java.nio.file.Files
import java.nio.file.Path

/** What [file] holds. */
internal class PassphraseFile(
    private val file: Path,
) : PassphraseSource {
    override fun ask(isNew: Boolean): GivenPassphrase {
        val bytes = Files.readAllBytes(file)
        val text = String(bytes, Charsets.UTF_8).removeSuffix("\n").removeSuffix("\r")
        bytes.fill(0)
        return judgePassphrase(text, isNew)
    }
}

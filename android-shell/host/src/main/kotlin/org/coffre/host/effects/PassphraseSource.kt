// Where a passphrase comes from (docs/host-api.md H-26). Rule: never from the command line, never shown, never kept.

package org.coffre.host.effects

import org.coffre.host.ports.encodeUtf8
import java.text.Normalizer

/** What asking gave. */
sealed interface GivenPassphrase {
    /** [utf8] is NFKD (docs/format.md F-10), and its taker overwrites it. */
    class Given(
        val utf8: ByteArray,
    ) : GivenPassphrase

    /** A new passphrase that the rule refuses. */
    data class Weak(
        val reason: String,
    ) : GivenPassphrase

    data object None : GivenPassphrase
}

/** Gives a passphrase: a new one, which must not be weak, or one that a vault has already. */
fun interface PassphraseSource {
    fun ask(isNew: Boolean): GivenPassphrase

    companion object {
        /** There is nobody to ask. */
        val NOBODY = PassphraseSource { GivenPassphrase.None }
    }
}

/** A terminal that does not show what is typed. */
interface HiddenTerminal {
    /** Shows [question] and reads a line; null when the person broke off. */
    fun ask(question: String): String?

    /** Shows a line. */
    fun say(line: String)
}

private const val TRIES = 3

private val WEAK =
    mapOf(
        "too-short" to "That is too short: take at least 10 characters.",
        "too-few-different" to "That has too few different characters: take at least 5.",
        "too-common" to
            "That is one of the first that someone would try. Several words that do not belong together are good.",
    )

/** A passphrase from a person: a new one is typed twice, and a weak one may be typed anew. */
class PassphrasePrompt(
    private val terminal: HiddenTerminal,
) : PassphraseSource {
    override fun ask(isNew: Boolean): GivenPassphrase {
        if (!isNew) return judgePassphrase(terminal.ask("Passphrase: "), isNew = false)
        var last: GivenPassphrase = GivenPassphrase.None
        repeat(TRIES) {
            val text = terminal.ask("New passphrase: ")
            val judged = judgePassphrase(text, isNew = true)
            if (judged is GivenPassphrase.None) return judged
            last = judged
            if (judged is GivenPassphrase.Weak) {
                terminal.say(WEAK.getValue(judged.reason))
                return@repeat
            }
            val again = terminal.ask("The same again: ") ?: return GivenPassphrase.None
            if (normalize(again) == normalize(text.orEmpty())) return judged
            terminal.say("The two are not the same.")
            (judged as GivenPassphrase.Given).utf8.fill(0)
            last = GivenPassphrase.None
        }
        return last
    }
}

/** What a text is as a passphrase; null and "" are none. */
fun judgePassphrase(
    text: String?,
    isNew: Boolean,
): GivenPassphrase {
    if (text.isNullOrEmpty()) return GivenPassphrase.None
    val weakness = if (isNew) findWeakness(text) else null
    if (weakness != null) return GivenPassphrase.Weak(weakness)
    return GivenPassphrase.Given(encodeUtf8(normalize(text)) ?: return GivenPassphrase.None)
}

private fun normalize(text: String): String = Normalizer.normalize(text, Normalizer.Form.NFKD)

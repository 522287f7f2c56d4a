// `coffre init`: a new vault, and this machine as its first device. Rule: a home that is paired stays as it is.

package org.coffre.host.command

import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.runtime.ViewUnseen

internal object InitCommand : CommandWork {
    private const val WORDS_A_LINE = 6

    /** After these the same command goes on where this one ended. */
    private val GOES_ON = setOf("user-stopped", WORDS_UNSEEN)
    private const val NUMBER_WIDTH = 2
    private const val WORD_WIDTH = 9

    override val spec =
        CommandSpec(
            name = "init",
            about = "Make a new vault on a server, and pair this machine with it.",
            options =
                listOf(
                    OptionSpec(
                        "invitation",
                        "code",
                        "an invitation from the server's owner, where the server wants one",
                    ),
                    OptionSpec(
                        "device-name",
                        "name",
                        "what to call this machine in the vault (default: its host name)",
                    ),
                ) + serverOptions(isFromHome = false),
            after =
                """
                You choose a passphrase, and get 24 recovery words. Either opens the vault; nobody can open it without, neither
                the server's owner nor we. Write the words down: they are shown once.

                Example:
                  coffre init --server https://backup.example.org --login ada --invitation 7QK2-...
                """.trimIndent(),
        )

    override fun run(frame: CommandFrame): CommandResult {
        val pairing = wantedPairing(frame.line)
        var recoveryWords = ""
        val parts =
            SessionParts(frame.home, "backup", frame.choosePassphrases(), onView = { view ->
                if (view.text("kind") == "words") {
                    recoveryWords = view.text("words").orEmpty()
                    showWords(frame.output, recoveryWords)
                } else {
                    frame.showWork(view)
                }
            }, onTrouble = frame::showTrouble)
        Session.use(parts) { session -> pair(session, frame, pairing) }
        frame.output.line("Next: `coffre add PATH` for each folder, then `coffre backup`.")
        return CommandResult(
            ExitCode.DONE,
            mapOf(
                "outcome" to JsonPrimitive("ok"),
                "recoveryWords" to JsonPrimitive(recoveryWords),
            ),
        )
    }

    private fun pair(
        session: Session,
        frame: CommandFrame,
        pairing: Pairing,
    ) {
        val status = session.ask(buildJsonObject { put("kind", "status") })
        val ask =
            buildJsonObject {
                put("kind", "create")
                put("server", formatServer(pairing.server))
                put("login", pairing.login)
                put("deviceName", pairing.deviceName)
                frame.line.value("invitation")?.let { put("invitation", it) }
            }
        if ((status["paired"] as? JsonPrimitive)?.content == "true") {
            // The engine refuses, unless it made this very vault and nobody has seen its words yet.
            session.must(ask)
            return
        }
        // Written first: a process that ends after the server made the vault must still know where it is.
        frame.home.writePairing(pairing)
        try {
            session.must(ask)
        } catch (failed: CommandFailed) {
            if (failed.code !in GOES_ON) frame.home.removePairing()
            throw failed
        }
    }

    /** Shows the words; a [ViewUnseen] when nobody got them. */
    private fun showWords(
        output: Output,
        recoveryWords: String,
    ) {
        output.item("words", mapOf("recoveryWords" to JsonPrimitive(recoveryWords)))
        sayWords(output, recoveryWords)
        if (output.isLost) throw ViewUnseen()
    }

    /** Says the recovery words, and what they are for. */
    private fun sayWords(
        output: Output,
        recoveryWords: String,
    ) {
        output.line("The vault is made, and this machine is paired with it.")
        output.line()
        output.line("Your recovery words. Write them down on paper, and keep them where you would keep a passport:")
        output.line()
        for ((row, words) in recoveryWords.split(" ").chunked(WORDS_A_LINE).withIndex()) {
            val cells =
                words.withIndex().joinToString("") { (at, word) ->
                    (row * WORDS_A_LINE + at + 1).toString().padStart(NUMBER_WIDTH) + " " + word.padEnd(WORD_WIDTH)
                }
            output.line("  $cells".trimEnd())
        }
        output.line()
        output.line(
            "They are not shown again. They open the vault when the passphrase is forgotten, so keep them from others.",
        )
        output.line(
            "When the passphrase and the words are both lost, everything in the vault is lost: nobody else can open it.",
        )
        output.line()
    }
}

// `coffre restore`: files back from the vault, below a folder. Rule: it works in a folder of its own within the target, so that
// it never disturbs the home's backup, and the same command goes on where it was.

package org.coffre.host.command

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.jvm.givenPath
import org.coffre.host.jvm.ownLocator
import java.io.IOException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path

internal object RestoreCommand : CommandWork {
    /** What a restore keeps in its target until everything succeeded. */
    private const val OWN_FOLDER = ".coffre-restore"

    override val spec =
        CommandSpec(
            name = "restore",
            about = "Get files back from the vault, on this machine or any other.",
            argument =
                ArgumentSpec(
                    "places",
                    "ROOT or ROOT/PATH, as `coffre ls` shows them; everything when none is given",
                    isMany = true,
                ),
            options =
                listOf(
                    OptionSpec("to", "dir", "the folder to fill; it is made when it is missing", isRequired = true),
                    OptionSpec(
                        "existing",
                        "rule",
                        "what to do where something of the same name is there",
                        choices = listOf("skip", "rename", "replace"),
                        default = "skip",
                    ),
                    OptionSpec(
                        "at",
                        "time",
                        "as it was at that time: 2026-11-21T10:15:00Z, '2026-11-21 10:15' (local), 2026-11-21 (its end)",
                    ),
                    OptionSpec("device", "name", "only what that device backed up"),
                    OptionSpec(
                        "accept-older",
                        null,
                        "take what the server shows although this machine has seen newer: for a server that was " +
                            "restored from an old backup",
                    ),
                    OptionSpec(
                        "recovery-file",
                        "file",
                        "a file with the 24 recovery words, in place of the passphrase",
                    ),
                ) + serverOptions(isFromHome = true),
            after =
                """
                Files come to DIR/ROOT/PATH (DIR/DEVICE/ROOT/PATH where two roots are called alike). Nothing is written outside
                DIR. Setuid and setgid bits do not come back. It needs the passphrase or the recovery words. Interrupted or killed,
                the same command goes on where it was.
                Exit code 0: all restored. 3: some files were skipped or failed, each is listed. 1: it failed.

                Examples:
                  coffre restore --to ~/back
                  coffre restore --to ~/back Photos/2026 --at '2026-03-01 12:00' --existing rename
                  coffre restore --to ~/back --server https://backup.example.org --login ada --recovery-file words.txt
                """.trimIndent(),
        )

    override fun run(frame: CommandFrame): CommandResult {
        val line = frame.line
        val atMs = line.value("at")?.let(::parseTime)
        val selections = line.arguments.map(::parseSelection)
        val to = line.value("to").orEmpty()
        val target = makeTarget(to)
        val own = Home(givenPath(to).resolve(OWN_FOLDER))
        val isNew = !Files.exists(own.folder)
        val work = "${own.make()}/work"
        val ask =
            buildJsonObject {
                put("kind", "restore")
                put("target", target)
                put("work", work)
                atMs?.let { put("at", it) }
                line.value("device")?.let { put("device", it) }
                put("selections", JsonArray(selections.map(::formatSelection)))
                put("existing", line.value("existing"))
            }
        var isOpen = false
        val result =
            try {
                withVault(frame, own) { session ->
                    isOpen = true
                    restore(frame, session, ask)
                }
            } finally {
                if (isNew && !isOpen) removeFolder(own.folder)
            }
        if (result.text("ask") != "restore") throw CommandFailed.of("host-error")
        if (result.text("outcome") != "failed" && result.number("filesFailed") == 0L) removeFolder(own.folder)
        return finish(frame, result, to)
    }

    private fun restore(
        frame: CommandFrame,
        session: Session,
        ask: JsonObject,
    ): JsonObject {
        val onFirst = {
            frame.output.note("Ending at the next safe point; the same command goes on there. Once more ends at once.")
            session.requestStop()
        }
        return withInterrupts(onFirst) { session.ask(ask) }
    }

    /** Opens the vault that the options name, in the folder [place], and runs [work]. */
    private fun withVault(
        frame: CommandFrame,
        place: Home,
        work: (Session) -> JsonObject,
    ): JsonObject {
        val vault = wantedVault(frame.line, frame.home)
        val open =
            mapOf("kind" to JsonPrimitive("open-vault")) + vault + readWords(frame) +
                mapOf("known" to recallEvidence(frame.home, vault)) +
                if (frame.line.has("accept-older")) mapOf("acceptOlder" to JsonPrimitive(true)) else emptyMap()
        var seen: String? = null
        val onView = { view: JsonObject ->
            if (view.text("kind") == "evidence") seen = view.text("known")
            if (view.text("kind") ==
                "damage"
            ) {
                frame.showDamage(view)
            } else {
                frame.showWork(view)
            }
        }
        val parts = SessionParts(place, "restore", frame.choosePassphrases(), onView, frame::showTrouble)
        return Session.use(parts) { session ->
            session.must(JsonObject(open))
            keepEvidence(frame, seen)
            work(session).also { keepEvidence(frame, seen) }
        }
    }

    /** Has the home learn what was [seen]; a machine that is not paired may have no place for it. */
    private fun keepEvidence(
        frame: CommandFrame,
        seen: String?,
    ) {
        if (seen == null || learnEvidence(frame.home, seen) || frame.home.readPairing() == null) return
        frame.output.note(
            "What the server showed could not be kept in this machine's home, for comparing it the next time.",
        )
    }

    private fun finish(
        frame: CommandFrame,
        result: JsonObject,
        to: String,
    ): CommandResult {
        val fields = result.without("kind", "ask")
        val restored = showCount(result.number("filesRestored"), "file")
        frame.output.line("Restored  $restored, ${showBytes(result.number("bytesRestored"))}, to ${showName(to)}")
        if (result.number("filesSkipped") >
            0
        ) {
            frame.output.line("Skipped   ${showCount(result.number("filesSkipped"), "file")}")
        }
        if (result.number("filesFailed") >
            0
        ) {
            frame.output.line("Failed    ${showCount(result.number("filesFailed"), "file")}")
        }
        val outcome = result.text("outcome")
        val code = result.text("code")
        if (outcome == "failed") {
            val message = failureWords(code ?: "host-error")
            frame.output.failure(message)
            return CommandResult(ExitCode.FAILED, fields + ("message" to JsonPrimitive(message)))
        }
        if (outcome == "waiting" && code != null) frame.output.note(failureWords(code))
        return CommandResult(if (outcome == "ok") ExitCode.DONE else ExitCode.WAITING, fields)
    }

    private fun formatSelection(selection: Selection): JsonObject =
        JsonObject(mapOf("root" to JsonPrimitive(selection.root), "path" to JsonPrimitive(selection.path)))

    /** The locator of the folder to fill. */
    private fun makeTarget(to: String): String =
        try {
            Files.createDirectories(givenPath(to))
            ownLocator(givenPath(to))
        } catch (_: IOException) {
            throw CommandFailed(
                "host-error",
                "The folder ${showName(to)} cannot be made: choose another one with --to.",
            )
        }

    private fun removeFolder(folder: Path) {
        if (!Files.exists(folder, NOFOLLOW_LINKS)) return
        if (Files.isDirectory(
                folder,
                NOFOLLOW_LINKS,
            )
        ) {
            Files.newDirectoryStream(folder).use { it.forEach(::removeFolder) }
        }
        Files.deleteIfExists(folder)
    }
}

// `coffre backup`: the vault brought up to date, once or all the time. Rule: interrupted, it ends at a safe point.

package org.coffre.host.command

import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import org.coffre.host.effects.PassphraseSource

internal object BackupCommand : CommandWork {
    override val spec =
        CommandSpec(
            name = "backup",
            about = "Bring the vault up to date.",
            options =
                listOf(
                    OptionSpec(
                        "watch",
                        null,
                        "stay, send what is new within seconds, and look at everything every 15 minutes",
                    ),
                    OptionSpec(
                        "quiet",
                        null,
                        "print nothing unless something waits or fails: for cron and timers",
                    ),
                    OptionSpec("limit-upload", "rate", "send at most that many bytes per second: 500k, 2M"),
                ),
            after =
                """
                Interrupted by Ctrl-C it ends at the next safe point; the next backup goes on there.
                Exit code 0: everything is synced. 3: some files wait, each for a reason that is shown. 1: it failed.
                """.trimIndent(),
        )

    override fun run(frame: CommandFrame): CommandResult {
        val rate = frame.line.value("limit-upload")?.let(::parseRate)
        if (frame.home.readPairing() == null) throw CommandFailed.of("user-not-paired")
        val parts = SessionParts(frame.home, "backup", PassphraseSource.NOBODY, frame::showWork, frame::showTrouble)
        return Session.use(parts) { session ->
            session.must(
                buildJsonObject {
                    put("kind", "set")
                    putJsonObject("policy") { put("uploadBytesPerS", rate?.let(::JsonPrimitive) ?: JsonNull) }
                },
            )
            backUp(frame, session)
        }
    }

    private fun backUp(
        frame: CommandFrame,
        session: Session,
    ): CommandResult {
        val mode = if (frame.line.has("watch")) "watch" else "once"
        val onFirst = {
            frame.output.note("Ending at the next safe point; once more ends at once.")
            session.requestStop()
        }
        val ask =
            buildJsonObject {
                put("kind", "backup")
                put("mode", mode)
            }
        val result = withInterrupts(onFirst) { session.ask(ask) }
        if (result.text("code") == "user-no-roots") throw CommandFailed.of("user-no-roots")
        val counts = result.child("counts")
        val isNews = result.text("outcome") == "failed" || counts.number("filesWaiting") > 0
        if (isNews || !frame.line.has("quiet")) sayResult(result).forEach(frame.output::line)
        val fields = result.without("kind", "ask", "counts") + counts
        val code = result.text("code")
        // Who watches until told to stop has done what was asked.
        val isDone = result.text("outcome") != "failed" || (mode == "watch" && code == "user-stopped")
        if (!isDone) {
            val message = failureWords(code ?: "host-error")
            frame.output.failure(message)
            return CommandResult(ExitCode.FAILED, fields + ("message" to JsonPrimitive(message)))
        }
        val isWaiting = counts.number("filesWaiting") > 0
        val outcome = JsonPrimitive(if (isWaiting) "waiting" else "ok")
        return CommandResult(
            if (isWaiting) ExitCode.WAITING else ExitCode.DONE,
            fields + mapOf("outcome" to outcome, "code" to JsonNull),
        )
    }

    private fun sayResult(result: JsonObject): List<String> {
        val sent = showBytes(result.number("bytesSent"))
        val blobs = showCount(result.number("blobsSent"), "blob")
        val requests = showCount(result.number("requests"), "request")
        return sayCounts(result.child("counts"), result.objects("files")) + "Sent $sent in $blobs and $requests."
    }
}

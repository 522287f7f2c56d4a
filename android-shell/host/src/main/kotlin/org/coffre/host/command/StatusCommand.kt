// `coffre status`: what is synced, what waits and why, and what happens next. Rule: it reads alone, also while a backup runs.

package org.coffre.host.command

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put

internal object StatusCommand : CommandWork {
    override val spec = CommandSpec("status", "Show what is synced, what waits and why, and what happens next.")

    private val states =
        mapOf("forked" to "peer-forked", "cloned" to "peer-cloned", "revoked" to "peer-device-revoked")

    private val unavailable =
        mapOf(
            "permission" to "may not be read by this user",
            "io" to "cannot be read from the disk",
            "vanished" to "is not there now",
            "not-a-folder" to "is no folder any more",
            "replaced" to "is another folder than before: remove it and add it again if that is right",
        )

    override fun run(frame: CommandFrame): CommandResult {
        val pairing = frame.home.readPairing()
        val status = Session.read(frame.home, buildJsonObject { put("kind", "status") })
        if (pairing == null || status == null || (status["paired"] as? JsonPrimitive)?.booleanOrNull != true) {
            throw CommandFailed.of("user-not-paired")
        }
        val isRunning = frame.home.isBusy()
        sayStatus(pairing, status, isRunning).forEach(frame.output::line)
        val who =
            buildJsonObject {
                put("outcome", "ok")
                put("server", pairing.server.url)
                put("login", pairing.login)
                put("deviceName", pairing.deviceName)
                put("isRunning", isRunning)
            }
        return CommandResult(ExitCode.DONE, who + status.without("kind", "counts") + status.child("counts"))
    }

    private fun sayStatus(
        pairing: Pairing,
        status: JsonObject,
        isRunning: Boolean,
    ): List<String> {
        val lines =
            arrayListOf("${showName(pairing.login)} at ${pairing.server.url}, as ${showName(pairing.deviceName)}")
        states[status.text("state")]?.let { lines += failureWords(it) }
        lines += ""
        lines += sayCounts(status.child("counts"), status.objects("files"))
        lines += ""
        val receipt = status["lastReceipt"] as? JsonObject
        lines +=
            if (receipt == null) {
                "Nothing was confirmed by the server yet."
            } else {
                "Last confirmed by the server: ${showTime(
                    receipt.number("timeMs"),
                )} (record ${receipt.number("number")})"
            }
        lines += sayNext(status.child("next"), isRunning)
        lines += ""
        val roots = status.objects("roots")
        if (roots.isEmpty()) lines += "No folders yet: `coffre add PATH` adds one."
        for (root in roots) lines += sayRoot(root)
        return lines
    }

    /** A root in words: where it is, what is left out, and what is wrong with it. */
    private fun sayRoot(root: JsonObject): List<String> {
        val lines = arrayListOf("${showName(root.text("name").orEmpty())}  ${showName(root.text("locator").orEmpty())}")
        for (pattern in root["excludes"] as? JsonArray ?: JsonArray(emptyList())) {
            lines += "  without ${showName((pattern as JsonPrimitive).content)}"
        }
        root.text("unavailable")?.let { lines += "  ${unavailable[it] ?: it}" }
        return lines
    }

    private fun sayNext(
        next: JsonObject,
        isRunning: Boolean,
    ): String {
        if (!isRunning) return "Next: nothing until `coffre backup` is run."
        val atMs = (next["atMs"] as? JsonPrimitive)?.longOrNull
        if (atMs == null || next.text("what") == "nothing") return "Next: a backup is running now."
        return "Next: ${if (next.text(
                "what",
            ) == "sweep"
        ) {
            "a look at everything"
        } else {
            "another try"
        }} at ${showTime(atMs)}."
    }
}

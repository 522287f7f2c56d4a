// The frame around every command. Rule: whatever happens inside, programs get a summary, people get a sentence, and the process
// gets one of the exit codes.

package org.coffre.host.command

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.effects.PassphrasePrompt
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.jvm.HiddenInput
import org.coffre.host.jvm.givenPath
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.nio.file.Files

/** What a command did, for the summary. */
internal class CommandResult(
    val exitCode: Int,
    val fields: Map<String, JsonElement>,
)

/** What a command works with. */
internal class CommandFrame(
    val line: ParsedLine,
    val output: Output,
    val environment: Map<String, String>,
    val home: Home,
) {
    private var toldMs = 0L

    /** Shows progress and notices; the other views are the command's own. */
    fun showWork(view: JsonObject) {
        when (view.text("kind")) {
            "progress" -> showProgress(view)
            "notice" -> showNotice(view)
        }
    }

    /** Tells of trouble inside, which may lead to a bug report. */
    fun showTrouble(message: String) {
        output.item("trouble", mapOf("message" to JsonPrimitive(message)))
        output.note("coffre: a fault inside, the work goes on if it can: $message")
    }

    /** Lists what could not be restored or verified: one line each. */
    fun showDamage(view: JsonObject) {
        for (item in view.objects("damage")) {
            output.item("damage", item)
            val root = item.text("root")
            val record = if ("record" in item) "record ${item.number("record")}" else ""
            val place = if (root == null) "" else joinPlace(root, item.text("path").orEmpty())
            val where =
                listOf(item.text("device").orEmpty(), record, place)
                    .filter {
                        it.isNotEmpty()
                    }.joinToString(", ", transform = ::showName)
            output.note("${where.ifEmpty { "the vault" }}: ${damageWords(item.text("code").orEmpty())}")
        }
    }

    /** Where this command's passphrase comes from: a file, or the terminal. */
    fun choosePassphrases(): PassphraseSource {
        val file = line.value("passphrase-file") ?: environment["COFFRE_PASSPHRASE_FILE"]
        if (!file.isNullOrEmpty()) {
            return PassphraseText(readSecret(file, "passphrase"))
        }
        val terminal = HiddenInput.open() ?: return PassphraseSource.NOBODY
        return PassphrasePrompt(terminal)
    }

    /**
     * The text of a file with a secret: read once, since it may be a pipe, without a mark of its encoding; `-` is standard input.
     * A usage error when it cannot be read, or is not UTF-8: repairing it would make other secrets equal to it.
     */
    fun readSecret(
        file: String,
        what: String,
    ): String {
        val bytes =
            try {
                if (file == "-") System.`in`.readBytes() else Files.readAllBytes(givenPath(file))
            } catch (_: IOException) {
                throw CommandFailed.usage("The $what file ${showName(file)} cannot be read.")
            }
        try {
            if (bytes.any { it == 0.toByte() }) throw CharacterCodingException()
            val text =
                Charsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
            return text.removePrefix("\ufeff")
        } catch (_: CharacterCodingException) {
            throw CommandFailed.usage("The $what file ${showName(file)} is not UTF-8: save it as UTF-8.")
        } finally {
            bytes.fill(0)
        }
    }

    private fun showProgress(view: JsonObject) {
        val nowMs = System.currentTimeMillis()
        // The last word before a rest is always said.
        if (view.text("phase") != "idle" && nowMs - toldMs < PROGRESS_MS) return
        toldMs = nowMs
        output.item("progress", view.without("kind"))
    }

    private fun showNotice(view: JsonObject) {
        output.item("notice", view.without("kind"))
        val root = view.text("root")
        val about = if (root == null) view.text("device") else joinPlace(root, view.text("path").orEmpty())
        val place = if (about.isNullOrEmpty()) "" else "${showName(about)}: "
        val count = if ("count" in view) view.number("count") else null
        val untilMs = if ("untilMs" in view) view.number("untilMs") else null
        output.note("$place${noticeWords(view.text("code").orEmpty(), count, view.text("reason"), untilMs)}")
    }

    private companion object {
        const val PROGRESS_MS = 1_000L
    }
}

/** Texts as an array. */
internal fun jsonTexts(texts: List<String>): JsonArray = JsonArray(texts.map(::JsonPrimitive))

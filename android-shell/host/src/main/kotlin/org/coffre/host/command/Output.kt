// What a command prints. Rule: with `--json`, standard output holds lines of JSON and nothing else, the last one a summary;
// without, it holds what was asked for, and everything about the work goes to standard error.

package org.coffre.host.command

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.runtime.formatAsciiJson
import java.io.PrintStream

/** One command's output. Any thread. */
internal class Output(
    private val out: PrintStream,
    private val error: PrintStream,
    private val isJson: Boolean,
) {
    /** Whether something that was asked for could not be printed: nobody reads it, or its disk is full. */
    val isLost: Boolean
        get() = out.checkError()

    private val beganMs = System.currentTimeMillis()

    /** A line that was asked for; with `--json` there is none. */
    fun line(text: String = "") {
        if (!isJson) write(out, text)
    }

    /** A line about the work; with `--json` there is none. */
    fun note(text: String) {
        if (!isJson) write(error, text)
    }

    /** A line for programs; without `--json` there is none. */
    fun item(
        type: String,
        fields: Map<String, JsonElement>,
    ) {
        if (isJson) write(out, formatAsciiJson(JsonObject(mapOf("type" to JsonPrimitive(type)) + fields)))
    }

    /** The last line for programs. */
    fun summary(
        command: String,
        exitCode: Int,
        fields: Map<String, JsonElement>,
    ) {
        val frame = mapOf("command" to JsonPrimitive(command), "exitCode" to JsonPrimitive(exitCode))
        item("summary", frame + fields + ("elapsedMs" to JsonPrimitive(System.currentTimeMillis() - beganMs)))
    }

    /** Says why the command failed: a sentence for the person; programs find it in the summary. */
    fun failure(message: String) {
        if (!isJson) write(error, "coffre: $message")
    }

    /** Text as it is, such as a page of help. */
    fun page(
        text: String,
        isError: Boolean,
    ) = (if (isError) error else out).run {
        print(text)
        flush()
    }

    private fun write(
        stream: PrintStream,
        text: String,
    ) = synchronized(this) {
        stream.print("$text\n")
        stream.flush()
    }
}

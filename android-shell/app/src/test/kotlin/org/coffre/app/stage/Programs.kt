// The real programs of the other side: a server, and the command that restores on another machine. Rule: loopback, a port that the
// system chooses, and an end at the end of the test.

package org.coffre.app.stage

import java.io.File
import java.io.IOException
import java.util.concurrent.TimeUnit

private val REPOSITORY = File(checkNotNull(System.getProperty("coffre.repository")))
private const val END_S = 10L

private fun program(name: String) = File(REPOSITORY, "node_modules/.bin/$name").path

/** A `coffre-server` over [data]. */
class ServerProgram(
    data: File,
) : AutoCloseable {
    private val process =
        ProcessBuilder(
            program("coffre-server"),
            "--data",
            data.path,
            "--listen",
            "127.0.0.1:0",
            "--registration",
            "open",
        ).redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
    private val output = process.inputStream.bufferedReader()

    /** Where it listens. */
    val url: String =
        generateSequence { output.readLine() }
            .first { "\"listening\"" in it }
            .let { checkNotNull(Regex("\"url\":\"([^\"]+)\"").find(it)).groupValues[1] }

    init {
        Thread(::drain).apply { isDaemon = true }.start()
    }

    override fun close() {
        process.destroy()
        process.waitFor(END_S, TimeUnit.SECONDS)
    }

    private fun drain() {
        try {
            output.forEachLine { }
        } catch (_: IOException) {
            // It has ended.
        }
    }
}

/** Runs `coffre` with [arguments]; what it said, and its exit code. */
fun runCoffre(vararg arguments: String): Pair<Int, String> {
    val process = ProcessBuilder(program("coffre"), *arguments).redirectErrorStream(true).start()
    process.outputStream.close()
    val said = process.inputStream.bufferedReader().readText()
    return process.waitFor() to said
}

// A line typed at a terminal that does not show it. Rule: the terminal is as it was afterwards, however it ends; what is typed
// is UTF-8, whatever the locale says.

package org.coffre.host.jvm

import org.coffre.host.effects.HiddenTerminal
import java.io.ByteArrayOutputStream
import java.io.InputStream
import java.io.PrintStream

/** The terminal on standard input; what is asked goes to standard error. */
class HiddenInput private constructor(
    private val settings: String,
    private val input: InputStream,
    private val output: PrintStream,
) : HiddenTerminal {
    override fun ask(question: String): String? {
        output.print(question)
        output.flush()
        val restore = Thread { stty(settings) }
        Runtime.getRuntime().addShutdownHook(restore)
        try {
            stty("-icanon", "-isig", "-echo", "min", "1", "time", "0")
            return readLine()
        } finally {
            stty(settings)
            Runtime.getRuntime().removeShutdownHook(restore)
            output.print("\n")
            output.flush()
        }
    }

    override fun say(line: String) {
        output.print("$line\n")
        output.flush()
    }

    private fun readLine(): String? {
        var line = ByteArrayOutputStream()
        while (true) {
            when (val byte = input.read()) {
                -1, INTERRUPT -> return null
                END_OF_INPUT -> if (line.size() == 0) return null
                CARRIAGE_RETURN, LINE_FEED -> return String(line.toByteArray(), Charsets.UTF_8)
                BACKSPACE, DELETE -> line = withoutLast(line.toByteArray())
                CLEAR_LINE -> line = ByteArrayOutputStream()
                else -> if (byte >= SPACE) line.write(byte)
            }
        }
    }

    /** Without the last character, which may be several bytes. */
    private fun withoutLast(bytes: ByteArray): ByteArrayOutputStream {
        var length = bytes.size
        while (length > 0 && bytes[length - 1].toInt() and CONTINUATION_MASK == CONTINUATION) length--
        val kept = ByteArrayOutputStream()
        kept.write(bytes, 0, (length - 1).coerceAtLeast(0))
        return kept
    }

    companion object {
        private const val INTERRUPT = 3
        private const val END_OF_INPUT = 4
        private const val BACKSPACE = 8
        private const val LINE_FEED = 10
        private const val CARRIAGE_RETURN = 13
        private const val CLEAR_LINE = 21
        private const val SPACE = 32
        private const val DELETE = 127
        private const val CONTINUATION_MASK = 0xc0
        private const val CONTINUATION = 0x80

        /** The terminal, or null when standard input is none. */
        fun open(): HiddenInput? = stty("-g")?.let { HiddenInput(it.trim(), System.`in`, System.err) }

        /** What stty(1) says about standard input; null when that is no terminal. */
        private fun stty(vararg words: String): String? {
            val process =
                ProcessBuilder("stty", *words)
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.to(java.io.File("/dev/null")))
                    .start()
            val said = String(process.inputStream.readBytes(), Charsets.US_ASCII)
            return said.takeIf { process.waitFor() == 0 }
        }
    }
}

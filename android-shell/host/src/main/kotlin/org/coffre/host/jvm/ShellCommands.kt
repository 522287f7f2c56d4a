// The three things that Java has no call for, by programs that every Linux has. Rule: names reach the shell as escapes of
// their bytes, so that no character of theirs means anything; the rare case pays for a process, the common one never does.

package org.coffre.host.jvm

import org.coffre.host.ports.FileTimestamp
import java.io.IOException
import java.nio.file.Path

internal object ShellCommands {
    /** Makes a link whose target java.nio would change: one with a slash at its end, or two in a row. */
    fun makeLink(
        link: Path,
        target: ByteArray,
    ) = require("ln -s -n -- \"\$first\" \"\$second\"", target, JvmPlace(link).bytes())

    /** Sets both times of a name, which is not followed; java.nio cannot do so for a fraction of a second before 1970. */
    fun setTime(
        path: Path,
        time: FileTimestamp,
    ) {
        // `touch` reads "@-2.75" as two and three quarters of a second before 1970.
        val wholeUp = -(time.seconds + 1)
        val fractionUs = US_PER_S - time.microseconds
        val moment = "@-$wholeUp.${fractionUs.toString().padStart(6, '0')}"
        require("touch -h -c -d '$moment' -- \"\$first\"", JvmPlace(path).bytes())
    }

    /**
     * Flushes the whole file system that holds [folder], as one call; false when that was not possible, and then each file
     * is to be flushed by itself.
     */
    fun flushFileSystem(folder: Path): Boolean =
        hasFlush && run("sync -f -- \"\$first\"", JvmPlace(folder).bytes()).also { hasFlush = it }

    @Volatile
    private var hasFlush = System.getProperty("os.name") == "Linux"

    private fun require(
        command: String,
        vararg names: ByteArray,
    ) {
        if (!run(command, *names)) throw IOException("a program of the system failed")
    }

    private fun run(
        command: String,
        vararg names: ByteArray,
    ): Boolean {
        val variables = VARIABLES.zip(names).joinToString("") { (name, bytes) -> assign(name, bytes) }
        val process =
            ProcessBuilder("sh", "-c", "LC_ALL=C; export LC_ALL\n$variables$command")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(java.io.File("/dev/null")))
                .start()
        process.outputStream.close()
        return process.waitFor() == 0
    }

    /** What `$(…)` gives loses the line feeds at its end: a dot guards them. */
    private fun assign(
        name: String,
        bytes: ByteArray,
    ) = "$name=\$(printf '${octal(bytes)}.'); $name=\${$name%.}\n"

    private fun octal(bytes: ByteArray): String =
        bytes.joinToString("") { "\\" + (it.toInt() and 0xff).toString(8).padStart(3, '0') }

    private val VARIABLES = listOf("first", "second")
    private const val US_PER_S = 1_000_000
}

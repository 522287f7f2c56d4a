// The command line as a whole. Rule: each command is a file of its own; here stands what they share.

package org.coffre.host.command

import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.jvm.givenPath
import java.io.PrintStream

internal const val VERSION = "0.1.0"

/** Runs command lines; what they print goes to [out] and [error]. */
internal class Program(
    private val environment: Map<String, String>,
    private val out: PrintStream,
    private val error: PrintStream,
) {
    private val works = listOf(InitCommand, AddCommand, BackupCommand, StatusCommand, RestoreCommand)
    private val specs = works.map { it.spec }

    /** Runs [args] (without the program's name); the exit code. */
    fun run(args: List<String>): Int {
        val output = Output(out, error, isJson = "--json" in args)
        val line =
            try {
                parseLine(args, specs)
            } catch (malformed: MalformedLine) {
                output.page("error: ${malformed.message}\n(--help shows how it is used)\n", isError = true)
                return failUsage(output)
            }
        if (line.isVersion) output.page("$VERSION\n", isError = false)
        if (line.isHelp) output.page(line.command?.let(::helpOf) ?: helpOfProgram(specs), isError = false)
        if (line.isVersion || line.isHelp) return ExitCode.DONE
        if (line.command == null) {
            output.page(helpOfProgram(specs), isError = true)
            return failUsage(output)
        }
        return runCommand(line, output, works.first { it.spec === line.command })
    }

    private fun runCommand(
        line: ParsedLine,
        output: Output,
        work: CommandWork,
    ): Int =
        try {
            val result = work.run(CommandFrame(line, output, environment, findHome(line)))
            output.summary(work.spec.name, result.exitCode, result.fields)
            result.exitCode
        } catch (error: Throwable) {
            val failed = describe(error)
            output.failure(failed.message)
            val fields = mapOf("outcome" to "failed", "code" to failed.code, "message" to failed.message)
            output.summary(work.spec.name, failed.exitCode, fields.mapValues { JsonPrimitive(it.value) })
            failed.exitCode
        }

    /** The home of `--home`, `COFFRE_HOME`, or `~/.coffre`. */
    private fun findHome(line: ParsedLine): Home {
        val given = line.value("home") ?: environment["COFFRE_HOME"]?.takeIf { it.isNotEmpty() }
        return Home(givenPath(given ?: "${environment["HOME"] ?: System.getProperty("user.home")}/.coffre"))
    }

    private fun failUsage(output: Output): Int {
        val fields = mapOf("outcome" to JsonPrimitive("failed"), "code" to JsonPrimitive("user-usage"))
        output.summary("coffre", ExitCode.USAGE, fields)
        return ExitCode.USAGE
    }

    /** What went wrong unforeseen is told by its kind alone: its message may quote what it was working on. */
    private fun describe(error: Throwable): CommandFailed =
        error as? CommandFailed
            ?: CommandFailed("host-error", "Something unexpected happened: ${error.javaClass.simpleName}")
}

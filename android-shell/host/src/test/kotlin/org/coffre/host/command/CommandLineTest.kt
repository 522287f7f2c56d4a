// Command lines, read. Rule: what is refused is refused in the words of the `coffre` command.

package org.coffre.host.command

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class CommandLineTest {
    private val specs = listOf(InitCommand, AddCommand, BackupCommand, StatusCommand, RestoreCommand).map { it.spec }

    private fun parse(line: String) = parseLine(line.split(' ').filter { it.isNotEmpty() }, specs)

    @Test
    fun `options stand before and behind the command, with their values beside them or behind a sign`() {
        val line = parse("--home h --json add --name=a=b path --exclude x --exclude=-y --home last")
        assertEquals("add", line.command?.name)
        assertEquals(listOf("path"), line.arguments)
        assertEquals("last", line.value("home"))
        assertTrue(line.has("json"))
        assertEquals("a=b", line.value("name"))
        assertEquals(listOf("x", "-y"), line.values("exclude"))
    }

    @Test
    fun `behind two dashes everything is an argument`() {
        assertEquals(listOf("--name"), parse("add -- --name").arguments)
    }

    @Test
    fun `an option has its default, and one of its choices`() {
        assertEquals("skip", parse("restore --to x").value("existing"))
        assertEquals("rename", parse("restore --to x a b --existing rename").value("existing"))
        assertEquals(listOf("a", "b"), parse("restore a --to x b").arguments)
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = [
            "nothing | unknown command 'nothing'",
            "add | missing required argument 'path'",
            "add a b | too many arguments for 'add'. Expected 1 argument but got 2: a, b.",
            "status a | too many arguments for 'status'. Expected 0 arguments but got 1: a.",
            "add a --zip | unknown option '--zip'",
            "--zip | unknown option '--zip'",
            "add --name | option '--name <root>' argument missing",
            "restore | required option '--to <dir>' not specified",
            "restore --to x --existing y | option '--existing <rule>' argument 'y' is invalid. Allowed choices are skip, rename, replace.",
        ],
    )
    fun `what cannot be read is refused`(
        line: String,
        words: String,
    ) {
        assertEquals(words, assertThrows(MalformedLine::class.java) { parse(line) }.message)
    }

    @Test
    fun `usage ends with 2 and a summary, help with 0`() {
        val out = ByteArrayOutputStream()
        val error = ByteArrayOutputStream()
        val program = Program(emptyMap(), PrintStream(out), PrintStream(error))
        assertEquals(2, program.run(listOf("--json", "nothing")))
        assertTrue(
            out.toString().startsWith(
                """{"type":"summary","command":"coffre","exitCode":2,"outcome":"failed","code":"user-usage",""",
            ),
        )
        assertTrue(error.toString().startsWith("error: unknown command 'nothing'\n"))
        out.reset()
        assertEquals(0, program.run(listOf("restore", "--help")))
        assertTrue(out.toString().startsWith("Usage: coffre restore [options] [places...]\n"))
    }
}

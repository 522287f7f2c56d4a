// The frame around commands. Rule: however a command ends, programs get a summary and an exit code.

package org.coffre.host.command

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class ProgramTest {
    @Test
    fun `an error of the virtual machine ends with a summary too, which does not quote it`() {
        val environment =
            object : Map<String, String> by emptyMap() {
                override fun get(key: String): String = throw NoClassDefFoundError("what ada wrote")
            }
        val out = ByteArrayOutputStream()
        val print = PrintStream(out, true, "UTF-8")
        assertEquals(ExitCode.FAILED, Program(environment, print, print).run(listOf("--json", "status")))
        val said = out.toString("UTF-8")
        assertTrue("\"exitCode\":1" in said && "NoClassDefFoundError" in said && "ada" !in said, said)
    }
}

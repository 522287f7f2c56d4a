// Where the process begins and ends. Rule: everything else can be run in a test.

@file:JvmName("Main")

package org.coffre.host.command

import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Paths
import kotlin.system.exitProcess

/** Runs `coffre` with [args]. Output is UTF-8, whatever the locale says. */
fun main(args: Array<String>) {
    val out = PrintStream(FileOutputStream(FileDescriptor.out), false, Charsets.UTF_8.name())
    val error = PrintStream(FileOutputStream(FileDescriptor.err), false, Charsets.UTF_8.name())
    val exitCode = Program(System.getenv(), out, error).run(givenArguments(args))
    out.flush()
    error.flush()
    // Threads that wait for something nobody needs any more do not keep the process alive.
    exitProcess(exitCode)
}

/** The arguments as UTF-8: Java reads them in the locale's encoding, which may know no other letters than a to z. */
private fun givenArguments(args: Array<String>): List<String> {
    if (args.all { arg -> arg.all { it in ' '..'~' } }) return args.toList()
    val raw =
        runCatching {
            String(
                Files.readAllBytes(Paths.get("/proc/self/cmdline")),
                Charsets.UTF_8,
            ).split('\u0000').dropLast(1)
        }
    return raw.getOrNull()?.takeIf { it.size > args.size }?.takeLast(args.size) ?: args.toList()
}

// What a command is to the program. Rule: each command is a file of its own.

package org.coffre.host.command

/** One command. */
internal interface CommandWork {
    val spec: CommandSpec

    /** Does what the line of [frame] says. Throws [CommandFailed]. */
    fun run(frame: CommandFrame): CommandResult
}

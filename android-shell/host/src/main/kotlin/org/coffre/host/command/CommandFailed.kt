// How a command ends. Rule: one of four exit codes, and when it failed, one sentence that says what to do.

package org.coffre.host.command

/** The exit codes of `coffre`. */
internal object ExitCode {
    const val DONE = 0
    const val FAILED = 1
    const val USAGE = 2

    /** Done, and some files wait or were not restored, each for a named reason. */
    const val WAITING = 3
}

/** The words could not be shown: the vault is there, and the same command shows them. */
internal const val WORDS_UNSEEN = "user-words-unseen"
internal const val WORDS_UNSEEN_TEXT =
    "The vault is made, but its recovery words could not be shown: run the same command again, where they can be seen."

/** A command that cannot go on. The message is for the person; [code] is for programs. */
internal class CommandFailed(
    val code: String,
    override val message: String,
    givenExitCode: Int = ExitCode.FAILED,
) : Exception(message) {
    val exitCode: Int = if (code in USAGE_CODES) ExitCode.USAGE else givenExitCode

    companion object {
        /** Codes of the engine that speak of the command line. */
        private val USAGE_CODES = setOf("user-login-malformed", "user-root-name-malformed", "user-pattern-malformed")

        /** A command line that says something impossible. */
        fun usage(message: String) = CommandFailed("user-usage", message, ExitCode.USAGE)

        /** The failure of a command whose ask ended with [code]. */
        fun of(code: String?) = CommandFailed(code ?: "host-error", failureWords(code ?: "host-error"))
    }
}

// What a command line may say, and what one says. Rule: it is read by its own description, and what does not fit is refused in
// the words of the `coffre` command.

package org.coffre.host.command

/** An option: [value] is what stands behind it in help (`<dir>`), null for one that stands alone. */
internal class OptionSpec(
    val name: String,
    val value: String?,
    val about: String,
    val choices: List<String> = emptyList(),
    val default: String? = null,
    val isMany: Boolean = false,
    val isRequired: Boolean = false,
) {
    val flags: String = "--$name" + (if (value == null) "" else " <$value>")
}

/** What follows a command, once or as often as one likes. */
internal class ArgumentSpec(
    val name: String,
    val about: String,
    val isMany: Boolean,
) {
    val term: String = if (isMany) "[$name...]" else "<$name>"
}

/** A command, all that may stand behind it, and what is said below its help. */
internal class CommandSpec(
    val name: String,
    val about: String,
    val argument: ArgumentSpec? = null,
    val options: List<OptionSpec> = emptyList(),
    val after: String = "",
)

/** Options that every command has. */
internal val GLOBAL_OPTIONS =
    listOf(
        OptionSpec("home", "dir", "where Coffre keeps its own files (default: \$COFFRE_HOME, else ~/.coffre)"),
        OptionSpec("json", null, "print lines of JSON, the last one a summary"),
    )

/** What a command line says. */
internal class ParsedLine(
    val command: CommandSpec?,
    val arguments: List<String>,
    private val options: Map<String, List<String>>,
    /** What help was asked for: of the program or a command. */
    val isHelp: Boolean,
    val isVersion: Boolean,
) {
    fun has(name: String): Boolean = name in options

    /** The last value of an option, else its default. */
    fun value(name: String): String? =
        options[name]?.last() ?: command?.options?.firstOrNull { it.name == name }?.default

    fun values(name: String): List<String> = options[name].orEmpty()
}

/** A command line that cannot be read; the message begins after `error: `. */
internal class MalformedLine(
    override val message: String,
) : Exception(message)

/** Reads [args] by [commands]. Throws [MalformedLine]. */
internal fun parseLine(
    args: List<String>,
    commands: List<CommandSpec>,
): ParsedLine = LineReader(args, commands).read()

private class LineReader(
    private val args: List<String>,
    private val commands: List<CommandSpec>,
) {
    private val options = LinkedHashMap<String, MutableList<String>>()
    private val arguments = ArrayList<String>()
    private var command: CommandSpec? = null
    private var isHelp = false
    private var isVersion = false
    private var at = 0

    fun read(): ParsedLine {
        var isEnded = false
        while (at < args.size) {
            val word = args[at++]
            when {
                isEnded || !word.startsWith("-") || word == "-" -> take(word)
                word == "--" -> isEnded = true
                else -> takeOption(word)
            }
        }
        if (!isHelp && !isVersion) check()
        return ParsedLine(command, arguments, options, isHelp, isVersion)
    }

    private fun take(word: String) {
        val isKnown = command != null || word == "help" || isHelp || commands.any { it.name == word }
        if (!isKnown) throw MalformedLine("unknown command '$word'")
        when {
            command != null -> arguments += word
            word == "help" -> isHelp = true
            else -> command = commands.firstOrNull { it.name == word }
        }
    }

    private fun takeOption(word: String) {
        val isInline = word.startsWith("--") && '=' in word
        val name = if (isInline) word.substringBefore('=') else word
        if (name == "--help" || name == "-h") {
            isHelp = true
            return
        }
        if (command == null && (name == "--version" || name == "-V")) {
            isVersion = true
            return
        }
        val known = GLOBAL_OPTIONS + command?.options.orEmpty()
        val option = known.firstOrNull { "--${it.name}" == name } ?: throw MalformedLine("unknown option '$name'")
        val value =
            when {
                option.value == null -> ""
                isInline -> word.substringAfter('=')
                at < args.size -> args[at++]
                else -> throw MalformedLine("option '${option.flags}' argument missing")
            }
        if (option.choices.isNotEmpty() && value !in option.choices) {
            val allowed = option.choices.joinToString(", ")
            throw MalformedLine("option '${option.flags}' argument '$value' is invalid. Allowed choices are $allowed.")
        }
        options.getOrPut(option.name) { ArrayList() } += value
    }

    private fun check() {
        val asked = command ?: return
        for (option in asked.options) {
            val isMissing = option.isRequired && option.name !in options
            if (isMissing) throw MalformedLine("required option '${option.flags}' not specified")
        }
        val most = if (asked.argument == null) 0 else 1
        if (asked.argument?.isMany == true) return
        if (arguments.size < most) throw MalformedLine("missing required argument '${asked.argument?.name}'")
        if (arguments.size > most) {
            val words = if (most == 1) "argument" else "arguments"
            val given = "${arguments.size}: ${arguments.joinToString(", ")}"
            throw MalformedLine("too many arguments for '${asked.name}'. Expected $most $words but got $given.")
        }
    }
}

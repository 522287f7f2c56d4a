// Pages of help. Rule: they look as those of the `coffre` command, eighty columns wide.

package org.coffre.host.command

private const val WIDTH = 80
private const val INDENT = 2
private const val GAP = 2

private const val PROGRAM_ABOUT = "Back up folders to a server that cannot read them, and get them back."
private const val CONTINUED = "      "
private val VERSION_ROW = "-V, --version" to "output the version number"

/** An option with what stands behind it, or a word; quotes hold blanks together. */
private val OPTIONS_AND_WORDS = Regex("""--[\w-]+ (?:'[^']*'|[^\s-]\S*)|(?:'[^']*'|[^\s'])+""")
private val HELP_ROW = "-h, --help" to "display help for command"

private val PROGRAM_AFTER =
    """
    Exit codes: 0 all done; 3 done, and some files wait or were not restored, each for a named reason; 2 usage; 1 failed.

    First steps:
      coffre init --server https://backup.example.org --login ada
      coffre add ~/Photos
      coffre backup
      coffre status
    """.trimIndent()

/** Help about the whole program. */
internal fun helpOfProgram(commands: List<CommandSpec>): String {
    val options = listOf(VERSION_ROW) + GLOBAL_OPTIONS.map(::rowOf) + HELP_ROW
    val rows = commands.map { usageOf(it) to it.about } + ("help [command]" to "display help for command")
    return page(
        "coffre [options] [command]",
        PROGRAM_ABOUT,
        listOf("Options" to options, "Commands" to rows),
        PROGRAM_AFTER,
    )
}

/** Help about one command. */
internal fun helpOf(command: CommandSpec): String {
    val arguments = listOfNotNull(command.argument).map { it.name to it.about }
    val options = command.options.map(::rowOf) + HELP_ROW
    val globals = listOf(VERSION_ROW) + GLOBAL_OPTIONS.map(::rowOf)
    val all = listOf("Arguments" to arguments, "Options" to options, "Global Options" to globals)
    val sections = all.filter { it.second.isNotEmpty() }
    val usage = listOfNotNull("coffre", command.name, "[options]", command.argument?.term)
    return page(usage.joinToString(" "), command.about, sections, command.after.trimEnd())
}

private fun usageOf(command: CommandSpec): String =
    listOfNotNull(
        command.name,
        "[options]".takeIf {
            command.options.isNotEmpty()
        },
        command.argument?.term,
    ).joinToString(" ")

private fun rowOf(option: OptionSpec): Pair<String, String> {
    val extra =
        listOfNotNull(
            option.choices.takeIf { it.isNotEmpty() }?.joinToString(", ", "choices: ") { "\"$it\"" },
            option.default?.let { "default: \"$it\"" },
        )
    return option.flags to option.about + (if (extra.isEmpty()) "" else extra.joinToString(", ", " (", ")"))
}

private fun page(
    usage: String,
    about: String,
    sections: List<Pair<String, List<Pair<String, String>>>>,
    after: String,
): String {
    val page = StringBuilder("Usage: $usage\n\n$about\n")
    val termWidth = sections.maxOf { (_, rows) -> rows.maxOf { it.first.length } }
    for ((title, rows) in sections) {
        page.append("\n$title:\n")
        for ((term, words) in rows) page.append(row(term, words, termWidth))
    }
    if (after.isNotEmpty()) page.append("\n${wrapParagraphs(after)}\n")
    return page.toString()
}

private fun row(
    term: String,
    words: String,
    termWidth: Int,
): String {
    val begin = " ".repeat(INDENT) + term.padEnd(termWidth + GAP)
    val lines = wrap(words, WIDTH - begin.length)
    return lines.withIndex().joinToString("") { (at, line) ->
        (if (at == 0) begin else " ".repeat(begin.length)) +
            "$line\n"
    }
}

/** Paragraphs that fit; a line that is indented is a command, which goes on in the next line as a shell takes it. */
private fun wrapParagraphs(text: String): String {
    val lines = ArrayList<String>()
    val paragraph = ArrayList<String>()
    for (line in text.split('\n') + "") {
        if (line.isNotEmpty() && !line.startsWith(" ")) {
            paragraph += line.split(' ')
            continue
        }
        if (paragraph.isNotEmpty()) lines += wrapWords(paragraph, WIDTH)
        paragraph.clear()
        lines += if (line.isEmpty()) listOf("") else wrapCommand(line)
    }
    return lines.dropLast(1).joinToString("\n")
}

private fun wrapCommand(line: String): List<String> {
    val words = OPTIONS_AND_WORDS.findAll(line.trim()).map { it.value }.toList()
    val rows = wrapWords(words, WIDTH - CONTINUED.length - GAP)
    return rows.withIndex().map { (at, row) ->
        (if (at == 0) "  " else CONTINUED) + row + (if (at < rows.size - 1) " \\" else "")
    }
}

private fun wrap(
    text: String,
    width: Int,
): List<String> = wrapWords(text.split(' '), width)

private fun wrapWords(
    words: List<String>,
    width: Int,
): List<String> {
    val lines = ArrayList<String>()
    var line = ""
    for (word in words) {
        if (line.isNotEmpty() && line.length + 1 + word.length > width) {
            lines += line
            line = ""
        }
        line = if (line.isEmpty()) word else "$line $word"
    }
    return lines + line
}

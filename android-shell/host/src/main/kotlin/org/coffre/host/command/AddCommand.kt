// `coffre add`: a folder that is backed up from now on. Rule: the folder is there, and its locator has no link in it.

package org.coffre.host.command

import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.jvm.givenPath
import org.coffre.host.jvm.ownLocator
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

internal object AddCommand : CommandWork {
    override val spec =
        CommandSpec(
            name = "add",
            about = "Back up a folder from now on.",
            argument = ArgumentSpec("path", "the folder", isMany = false),
            options =
                listOf(
                    OptionSpec("name", "root", "what to call it in the vault (default: the folder's name)"),
                    OptionSpec(
                        "exclude",
                        "glob",
                        "leave out what matches, as in .gitignore; may be given many times",
                        isMany = true,
                    ),
                ),
            after =
                """
                Patterns are those of .gitignore: '*.tmp' anywhere, '/cache/' only at the top, '!keep.tmp' takes back. Added again with other
                patterns, a folder has these alone; 'coffre exclude' adds some.

                Examples:
                  coffre add ~/Photos
                  coffre add ~/work --name work --exclude node_modules/ --exclude '*.tmp'
                """.trimIndent(),
        )

    override fun run(frame: CommandFrame): CommandResult {
        val path = frame.line.arguments.single()
        val folder = findFolder(path)
        val name = frame.line.value("name") ?: lastName(path)
        if (name.isEmpty()) throw CommandFailed.usage("Choose a name with --name.")
        val ask =
            buildJsonObject {
                put("kind", "add-root")
                put("name", name)
                put("locator", folder)
                put("excludes", jsonTexts(frame.line.values("exclude")))
            }
        val parts = SessionParts(frame.home, "backup", PassphraseSource.NOBODY, frame::showWork, frame::showTrouble)
        Session.use(parts) { it.must(ask) }
        frame.output.line("Added ${showName(name)} (${showName(folder)}). The next `coffre backup` begins with it.")
        val fields = mapOf("outcome" to "ok", "name" to name, "locator" to folder)
        return CommandResult(ExitCode.DONE, fields.mapValues { JsonPrimitive(it.value) })
    }

    /** The locator of a folder that is there. */
    private fun findFolder(text: String): String {
        val path: Path
        try {
            path = givenPath(text)
            Files.getLastModifiedTime(path)
        } catch (_: IOException) {
            throw CommandFailed.usage("There is no folder at ${showName(text)}, or it may not be read.")
        }
        if (!Files.isDirectory(path)) throw CommandFailed.usage("${showName(text)} is not a folder.")
        return ownLocator(path)
    }

    /** The last name of [text] as it was written; where it says `.` or `..`, that of the folder which is meant. */
    private fun lastName(text: String): String {
        val name = text.trimEnd('/').substringAfterLast('/')
        if (name.isNotEmpty() && name != "." && name != "..") return name
        return givenPath(text).normalize().let { if (it.nameCount == 0) "" else it.fileName.toString() }
    }
}

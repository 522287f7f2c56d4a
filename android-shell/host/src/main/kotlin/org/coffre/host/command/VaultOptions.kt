// Which server and vault a command speaks to. Rule: from a paired machine the home says it; the command line may say another.

package org.coffre.host.command

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonPrimitive
import java.net.InetAddress
import java.nio.file.Files
import java.nio.file.Paths

private const val DEVICE_NAME_BYTES = 64
private val NUMBERS = Regex("[0-9.,:;]+")
private val SPACE = Regex("\\s+")

/** `--server`, `--login`, `--pin`, `--allow-http` and `--passphrase-file`. */
internal fun serverOptions(isFromHome: Boolean): List<OptionSpec> {
    val otherwise = if (isFromHome) " (default: the one that this machine is paired with)" else ""
    return listOf(
        OptionSpec("server", "url", "the server's address$otherwise"),
        OptionSpec("login", "name", "the vault's login$otherwise"),
        OptionSpec(
            "pin",
            "sha256",
            "accept exactly the server key with this SHA-256, for servers with a certificate of their own",
        ),
        OptionSpec(
            "allow-http",
            null,
            "allow plain http to another machine; others can see then who talks, and how much",
        ),
        OptionSpec(
            "passphrase-file",
            "file",
            "read the passphrase from a file or a pipe, - for standard input (also: COFFRE_PASSPHRASE_FILE); " +
                "else it is asked for",
        ),
    )
}

/** The pairing that `init` is to make. */
internal fun wantedPairing(line: ParsedLine): Pairing {
    val server = line.value("server")
    val login = line.value("login")
    if (server == null || login == null) throw CommandFailed.usage("--server and --login are needed.")
    val address = parseServer(server, line.value("pin"), line.has("allow-http"))
    val name = (line.value("device-name") ?: hostName()).trim()
    if (name.isEmpty() ||
        name.toByteArray().size > DEVICE_NAME_BYTES
    ) {
        throw CommandFailed.usage("--device-name takes 1 to 64 bytes.")
    }
    return Pairing(address, login.lowercase(), name)
}

/** The server and the login of the vault that `restore` is to open, as fields of an ask. */
internal fun wantedVault(
    line: ParsedLine,
    home: Home,
): Map<String, JsonElement> {
    val paired = home.readPairing()
    val login = line.value("login")?.lowercase() ?: paired?.login
    val given = line.value("server")
    val pin = line.value("pin")
    val server =
        when {
            given != null && login == null -> throw CommandFailed.usage("--login is needed with --server.")

            given != null -> parseServer(given, pin, line.has("allow-http"))

            paired == null || login == null -> throw CommandFailed.usage(
                "This machine is not paired: say --server and --login.",
            )

            else -> if (pin == null) paired.server else parseServer(paired.server.url, pin, allowHttp = true)
        }
    return mapOf("server" to formatServer(server), "login" to JsonPrimitive(login))
}

/** The recovery words of `--recovery-file`, as a field of an ask. */
internal fun readWords(frame: CommandFrame): Map<String, JsonElement> {
    val file = frame.line.value("recovery-file") ?: return emptyMap()
    val text = frame.readSecret(file, "recovery")
    // People number their words; the words themselves have no digits.
    return mapOf(
        "words" to
            JsonPrimitive(
                text
                    .replace(NUMBERS, " ")
                    .trim()
                    .split(SPACE)
                    .joinToString(" "),
            ),
    )
}

private fun hostName(): String =
    runCatching { String(Files.readAllBytes(Paths.get("/proc/sys/kernel/hostname"))).trim() }
        .getOrElse { runCatching { InetAddress.getLocalHost().hostName }.getOrDefault("") }

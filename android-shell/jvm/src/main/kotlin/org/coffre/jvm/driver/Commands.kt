// The commands of the driver: one ask or two each, and the fields of their summary. Rule: homes are those of the `coffre`
// command, so that rounds go on from one host to the other.

package org.coffre.jvm.driver

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.judgePassphrase
import org.coffre.host.runtime.textOf
import org.coffre.jvm.givenPath
import org.coffre.jvm.ownLocator
import java.nio.file.Files
import java.nio.file.Path

private typealias Fields = Map<String, JsonElement>

/** Does what [order] says; the fields of its summary. */
internal fun carryOut(order: Order): Fields {
    val home = givenPath(order.option("home"))
    return when (order.command) {
        "init" -> init(home, order)
        "add" -> add(home, order)
        "backup" -> Session.use(home, "backup", PassphraseSource.NOBODY, work = ::backUp)
        "status" -> Session.use(home, "backup", PassphraseSource.NOBODY, work = ::showStatus)
        "restore" -> restore(order)
        else -> error("the driver has no command ${order.command}")
    }
}

private fun init(
    home: Path,
    order: Order,
): Fields {
    val pairing =
        mapOf(
            "server" to serverOf(order),
            "login" to JsonPrimitive(order.option("login")),
            "deviceName" to JsonPrimitive(order.option("device-name")),
        )
    var words: JsonElement = JsonNull
    val onView = { view: JsonObject -> if (textOf(view["kind"]) == "words") words = view.getValue("words") }
    val ended =
        Session.use(home, "backup", passphraseOf(order), onView) { session ->
            // Where the server is: for the Node host's commands, which the driver's homes are used by too.
            Files.write(home.resolve("home.json"), "${JsonObject(pairing)}\n".toByteArray())
            session.ask(JsonObject(mapOf("kind" to JsonPrimitive("create")) + pairing))
        }
    return fieldsOf(ended) + ("recoveryWords" to words)
}

private fun add(
    home: Path,
    order: Order,
): Fields {
    val ask =
        buildJsonObject {
            put("kind", "add-root")
            put("name", order.option("name"))
            put("locator", ownLocator(givenPath(checkNotNull(order.argument))))
            put("excludes", JsonArray(emptyList()))
        }
    return fieldsOf(Session.use(home, "backup", PassphraseSource.NOBODY) { it.ask(ask) })
}

private fun backUp(session: Session): Fields {
    val fields =
        fieldsOf(
            session.ask(
                buildJsonObject {
                    put("kind", "backup")
                    put("mode", "once")
                },
            ),
        )
    if (fields["outcome"] == JsonPrimitive("failed")) return fields
    val isWaiting = fields["filesWaiting"] != JsonPrimitive(0)
    return fields + ("outcome" to JsonPrimitive(if (isWaiting) "waiting" else "ok"))
}

private fun showStatus(session: Session): Fields {
    val status = fieldsOf(session.ask(buildJsonObject { put("kind", "status") }))
    return if (status["paired"] ==
        JsonPrimitive(true)
    ) {
        status + ("outcome" to JsonPrimitive("ok"))
    } else {
        failure("user-not-paired")
    }
}

/** Opens the vault in a folder within the target, which goes when everything is there. */
private fun restore(order: Order): Fields {
    val target = Files.createDirectories(givenPath(order.option("to")))
    val own = target.resolve(".coffre-restore")
    val words = order.options["recovery-file"]?.let { mapOf("words" to JsonPrimitive(readSecret(it))) }.orEmpty()
    val open =
        mapOf(
            "server" to serverOf(order),
            "login" to JsonPrimitive(order.option("login")),
            "known" to JsonArray(emptyList()),
        )
    val ask =
        buildJsonObject {
            put("kind", "restore")
            put("target", ownLocator(target))
            put("selections", JsonArray(emptyList()))
            put("existing", "skip")
        }
    val passphrases = if (words.isEmpty()) passphraseOf(order) else PassphraseSource.NOBODY
    val onView = { view: JsonObject ->
        if (textOf(view["kind"]) == "damage") {
            for (item in view["damage"] as JsonArray) print("damage", item as JsonObject)
        }
    }
    val ended =
        Session.use(own, "restore", passphrases, onView) { session ->
            val opened = session.ask(JsonObject(mapOf("kind" to JsonPrimitive("open-vault")) + open + words))
            if (textOf(opened["outcome"]) == "failed") {
                opened
            } else {
                session.ask(JsonObject(ask + ("work" to JsonPrimitive("${session.ownFolder}/work"))))
            }
        }
    val fields = fieldsOf(ended)
    if (fields["outcome"] == JsonPrimitive("ok")) own.toFile().deleteRecursively()
    return fields
}

/** What a view says, with its counts beside the rest. */
private fun fieldsOf(view: JsonObject): Fields =
    view - listOf("kind", "ask", "counts") + (view["counts"] as? JsonObject).orEmpty()

private fun serverOf(order: Order) = JsonObject(mapOf("url" to JsonPrimitive(order.option("server"))))

private fun passphraseOf(order: Order): PassphraseSource {
    val text = readSecret(order.option("passphrase-file"))
    return PassphraseSource { isNew -> judgePassphrase(text, isNew) }
}

private fun readSecret(file: String): String = String(Files.readAllBytes(givenPath(file)), Charsets.UTF_8).trimEnd('\n')

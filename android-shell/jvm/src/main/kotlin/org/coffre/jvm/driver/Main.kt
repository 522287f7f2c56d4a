// What end-to-end rounds start in place of the `coffre` command, to see the host on a JVM as a whole. Rule: arguments and lines
// of JSON are those of `coffre --json`, as far as the rounds need them; it has no words for people.
//
//   --home DIR init --server URL --login NAME --passphrase-file FILE [--device-name NAME]
//   --home DIR add PATH --name ROOT
//   --home DIR backup
//   --home DIR status
//   --home DIR restore --server URL --login NAME (--passphrase-file | --recovery-file) FILE --to DIR

@file:JvmName("Main")

package org.coffre.jvm.driver

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.runtime.RuntimeStopped
import org.coffre.host.runtime.formatAsciiJson
import java.util.concurrent.ExecutionException
import kotlin.system.exitProcess

private const val DONE = 0
private const val FAILED = 1
private const val WAITING = 3

/** Does what the arguments say, and closes with a summary. */
fun main(args: Array<String>) {
    val order = Order.read(args.filter { it != "--json" })
    val fields =
        try {
            carryOut(order)
        } catch (error: ExecutionException) {
            failure((error.cause as? RuntimeStopped ?: throw error).fault.code)
        }
    val exitCode =
        when (fields["outcome"]) {
            JsonPrimitive("ok") -> DONE
            JsonPrimitive("waiting") -> WAITING
            else -> FAILED
        }
    print("summary", mapOf("command" to JsonPrimitive(order.command), "exitCode" to JsonPrimitive(exitCode)) + fields)
    // Threads that wait for something nobody needs any more do not keep the process alive.
    exitProcess(exitCode)
}

/** A command, what stands behind it, and its options, each with a value. */
internal class Order(
    val command: String,
    val argument: String?,
    val options: Map<String, String>,
) {
    fun option(name: String): String = checkNotNull(options[name]) { "--$name is missing" }

    companion object {
        fun read(args: List<String>): Order {
            val texts = ArrayList<String>()
            val options = HashMap<String, String>()
            val rest = args.iterator()
            while (rest.hasNext()) {
                val text = rest.next()
                if (text.startsWith("--")) options[text.substring(2)] = rest.next() else texts += text
            }
            return Order(texts.first(), texts.getOrNull(1), options)
        }
    }
}

/** Prints a line for programs. */
internal fun print(
    type: String,
    fields: Map<String, JsonElement>,
) = println(formatAsciiJson(JsonObject(mapOf("type" to JsonPrimitive(type)) + fields)))

internal fun failure(code: String?) =
    mapOf("outcome" to JsonPrimitive("failed"), "code" to JsonPrimitive(code ?: "host-error"))

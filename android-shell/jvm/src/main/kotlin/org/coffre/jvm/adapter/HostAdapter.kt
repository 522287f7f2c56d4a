// The JVM host as an adapter of the portability suite (docs/host-suite.md). Rule: what comes in is carried out by the real
// runtime, Store and workshop; nothing is added to an answer, and nothing taken away.
//
// In the engine's place stands a queue: what the suite sends is what the next step gives, and what a step is handed is said.

package org.coffre.jvm.adapter

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import org.coffre.host.effects.HiddenTerminal
import org.coffre.host.effects.PassphrasePrompt
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.Watch
import org.coffre.host.effects.Workshop
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.SystemClock
import org.coffre.host.ports.CurrentConditions
import org.coffre.host.ports.Database
import org.coffre.host.ports.TreeWatch
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RootsToRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.runtime.formatAsciiJson
import org.coffre.host.script.ScriptEngine
import org.coffre.host.store.StoreDatabase
import java.util.concurrent.ConcurrentLinkedQueue

private val CONDITIONS = CurrentConditions(CurrentConditions.Network.UNMETERED, charging = true, utcOffsetMinutes = 0)

/** The ports of the platform that is tested. */
class AdapterPorts(
    val database: Database,
    val trees: TreeWatch,
    val workshop: (PassphraseSource) -> WorkshopPorts,
)

/** A host with these ports, who says what it has to say through [tell]. */
class HostAdapter(
    ports: AdapterPorts,
    private val tell: (JsonObject) -> Unit,
) : AutoCloseable {
    private val person = Person()
    private val database = DatabaseInTurns(ports.database)
    private val clock = SystemClock()

    /** For the suite's own steps; the runtime has another over the same database. */
    private val store = StoreDatabase(database)
    private val workshop = Workshop(ports.workshop(PassphrasePrompt(person)))
    private val queue = ConcurrentLinkedQueue<JsonArray>()
    private val watch = Watch(ports.trees, clock, RootsToRuntime { runtime })
    private val runtime: HostRuntime =
        HostRuntime(
            RuntimeParts(
                engines = { QueueEngine() },
                store = StoreDatabase(database),
                clock = clock,
                started = null,
                performer = workshop,
                onWatch = watch::set,
                onFault = { System.err.println("${it.code}: ${it.message}") },
            ),
        )

    init {
        runtime.start(CONDITIONS)
    }

    /** Does what a line says. */
    fun take(order: JsonObject) {
        val effects = order["effects"]
        val step = order["step"]
        val words = order["person"]
        if (effects is JsonArray) {
            queue.add(effects)
            // A step needs an input; this one is for nobody.
            runtime.setConditions(CONDITIONS)
        } else if (step is JsonObject) {
            tell(runStep(step))
        } else if (words is JsonObject) {
            person.types((words["types"] as JsonArray).map { (it as JsonPrimitive).contentOrNull })
        }
    }

    override fun close() {
        runtime.close()
        watch.close()
        workshop.close()
        store.close()
    }

    private fun runStep(step: JsonObject): JsonObject {
        val answers = ArrayList<JsonElement>()
        store.begin()
        val isCommitted =
            try {
                for (call in step["calls"] as JsonArray) answers += callStore(call as JsonObject)
                val isKept = (step["end"] as JsonPrimitive).content == "commit"
                if (isKept) store.commit()
                isKept
            } catch (_: Exception) {
                false
            } finally {
                store.rollback()
            }
        return JsonObject(
            mapOf(
                "step" to step.getValue("id"),
                "answers" to JsonArray(answers),
                "committed" to JsonPrimitive(isCommitted),
            ),
        )
    }

    private fun callStore(call: JsonObject): JsonElement {
        val (name, content) = call.entries.single()
        val text = formatAsciiJson(content)
        val answer =
            when (name) {
                "storeRun" -> store.port.run(text)
                "storeRunMany" -> store.port.runMany(text)
                else -> store.port.all(text)
            }
        return Json.parseToJsonElement(answer)
    }

    /** Gives the effects of one line at each step. */
    private inner class QueueEngine : ScriptEngine {
        override fun handle(text: String): String {
            val inputs = (Json.parseToJsonElement(text) as JsonObject)["inputs"] as JsonArray
            for (input in inputs) {
                val isTold = (input as JsonObject)["kind"] != JsonPrimitive("conditions")
                if (isTold) tell(JsonObject(mapOf("input" to input)))
            }
            val effects = queue.poll() ?: JsonArray(emptyList())
            val reply = mapOf("effects" to effects, "more" to JsonPrimitive(queue.isNotEmpty()))
            return formatAsciiJson(JsonObject(reply))
        }

        override fun interrupt() = Unit

        override fun close() = Unit
    }
}

/** Somebody at a terminal, who types what the suite says at each question; the last again for all that follow. */
private class Person : HiddenTerminal {
    private var texts: List<String?> = listOf(null)

    @Synchronized
    fun types(texts: List<String?>) {
        this.texts = texts
    }

    @Synchronized
    override fun ask(question: String): String? {
        val text = texts.firstOrNull()
        if (texts.size > 1) texts = texts.drop(1)
        return text
    }

    override fun say(line: String) = Unit
}

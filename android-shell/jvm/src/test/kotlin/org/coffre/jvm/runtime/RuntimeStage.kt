// A runtime with everything real but the script and the effects, which a test says. Rule: what a step was handed and what
// was shown is kept in order, and a test waits for it, never for time.

package org.coffre.jvm.runtime

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.coffre.host.ports.CurrentConditions
import org.coffre.host.runtime.EffectPerformer
import org.coffre.host.runtime.Fault
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.runtime.textOf
import org.coffre.host.script.ScriptEngine
import org.coffre.host.script.ScriptEngineFactory
import org.coffre.host.script.StorePort
import org.coffre.host.store.StoreDatabase
import org.coffre.jvm.JdbcDatabase
import java.nio.file.Path
import java.util.concurrent.ConcurrentLinkedDeque
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

val EVENING = CurrentConditions(CurrentConditions.Network.METERED, charging = false, utcOffsetMinutes = 60)

fun json(text: String): JsonObject = Json.parseToJsonElement(text).jsonObject

/** The kinds of a message's inputs. */
fun kindsOf(message: JsonObject): List<String?> = (message["inputs"] as JsonArray).map { textOf(it.jsonObject["kind"]) }

/** The kinds of a message's asks. */
fun asksOf(message: JsonObject): List<String?> =
    (message["inputs"] as JsonArray).mapNotNull { textOf((it.jsonObject["ask"] as? JsonObject)?.get("kind")) }

/** A script in the test's own language. */
class FunctionEngine(
    private val onClose: () -> Unit = {},
    private val answer: (String) -> String,
) : ScriptEngine {
    override fun handle(text: String) = answer(text)

    override fun interrupt() = Unit

    override fun close() = onClose()
}

class RuntimeStage(
    folder: Path,
    started: String? = """{"kind":"started","role":"backup"}""",
    performer: EffectPerformer = EffectPerformer { _, _ -> json("""{"kind":"done"}""") },
    private val engines: ScriptEngineFactory? = null,
    private val onView: (JsonObject) -> Unit = {},
) : AutoCloseable {
    val clock = TestClock()
    val database = folder.resolve("state.db")
    val store = StoreDatabase(JdbcDatabase.open(database))
    val faults = CopyOnWriteArrayList<Fault>()
    val watched = CopyOnWriteArrayList<List<String>>()
    private val views = LinkedBlockingQueue<JsonObject>()
    private val messages = LinkedBlockingQueue<JsonObject>()

    /** How many engines were made. */
    @Volatile
    var engineCount = 0
        private set

    /** What each step gives, in turn; nothing when there is none left. */
    val replies = ConcurrentLinkedDeque<(StorePort) -> String>()

    val runtime =
        HostRuntime(
            RuntimeParts(
                engines = ScriptEngineFactory(::makeEngine),
                store = store,
                clock = clock,
                started = started?.let(::json),
                performer = performer,
                onView = {
                    views += it
                    onView(it)
                },
                onWatch = { watched += it },
                onFault = { faults += it },
            ),
        )

    /** Says that the next step gives [text]. */
    fun reply(text: String) = replies.addLast { text }

    /** Says that the next step gives these effects. */
    fun replyEffects(vararg effects: String) = reply("""{"effects":[${effects.joinToString(",")}],"more":false}""")

    /** The next message that a step was handed. */
    fun nextMessage(): JsonObject = checkNotNull(messages.poll(WAIT_S, TimeUnit.SECONDS)) { "no step came" }

    /** Holds the step that [begin] brings about until [meanwhile] is done: what came in the meantime goes together. */
    fun holdStep(
        begin: () -> Unit,
        meanwhile: () -> Unit,
    ) {
        val mayEnd = CountDownLatch(1)
        replies.addFirst {
            mayEnd.await()
            NOTHING
        }
        begin()
        nextMessage()
        try {
            meanwhile()
        } finally {
            mayEnd.countDown()
        }
    }

    fun nextView(): JsonObject = checkNotNull(views.poll(WAIT_S, TimeUnit.SECONDS)) { "nothing was shown" }

    override fun close() {
        runtime.close()
        store.close()
    }

    private fun makeEngine(port: StorePort): ScriptEngine {
        engineCount++
        if (engines != null) return engines.create(port)
        return FunctionEngine { text ->
            val reply = replies.poll()
            messages += json(text)
            reply?.invoke(port) ?: NOTHING
        }
    }

    private companion object {
        const val WAIT_S = 30L
        const val NOTHING = """{"effects":[],"more":false}"""
    }
}

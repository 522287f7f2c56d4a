// The step loop (docs/host-api.md §1). Rule: the Store is real, the clock is turned by hand.

package org.coffre.jvm.runtime

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import org.coffre.host.ports.SqlValue
import org.coffre.host.runtime.ANSWER_CHARS
import org.coffre.host.runtime.EffectCancelled
import org.coffre.host.runtime.EffectPerformer
import org.coffre.host.runtime.Fault
import org.coffre.host.runtime.RefusedEffect
import org.coffre.host.runtime.ViewUnseen
import org.coffre.host.runtime.textOf
import org.coffre.host.script.ScriptEngine
import org.coffre.host.script.ScriptEngineFactory
import org.coffre.jvm.JdbcDatabase
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.Base64
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

@Timeout(60)
class HostRuntimeTest {
    @TempDir
    lateinit var folder: Path

    private fun stage(performer: EffectPerformer = EffectPerformer { _, _ -> json("""{"kind":"done"}""") }) =
        RuntimeStage(folder, performer = performer)

    private fun ask(kind: String) = json("""{"kind":"$kind"}""")

    @Test
    fun `started comes first and the conditions with it, with the time and fresh entropy`() =
        stage().use { stage ->
            stage.runtime.start(EVENING)
            val first = stage.nextMessage()
            assertEquals(listOf("started", "conditions"), kindsOf(first))
            val conditions = (first["inputs"] as JsonArray)[1].jsonObject
            val expected = """{"kind":"conditions","network":"metered","charging":false,"utcOffsetMinutes":60}"""
            assertEquals(json(expected), conditions)
            assertEquals(JsonPrimitive(stage.clock.nowMs()), first["now"])
            stage.runtime.setConditions(EVENING)
            val entropies = listOf(first, stage.nextMessage()).map { textOf(it["entropy"]) }
            assertEquals(listOf(64, 64), entropies.map { Base64.getDecoder().decode(it).size })
            assertNotEquals(entropies[0], entropies[1])
        }

    @Test
    fun `effects begin after the commit`() {
        var rowsSeen = -1L
        val performer =
            EffectPerformer { _, _ ->
                JdbcDatabase.openToRead(folder.resolve("state.db"))?.use { database ->
                    database.all("SELECT count(*) FROM t", emptyList()) { (count) ->
                        rowsSeen =
                            (count as SqlValue.Integer).value
                    }
                }
                json("""{"kind":"done"}""")
            }
        stage(performer).use { stage ->
            stage.replies.addLast { store ->
                store.run("""{"sql":"CREATE TABLE t (a)"}""")
                store.run("""{"sql":"INSERT INTO t VALUES (1)"}""")
                """{"effects":[{"kind":"scan","id":7}],"more":false}"""
            }
            stage.runtime.start(EVENING)
            stage.nextMessage()
            val answer = (stage.nextMessage()["inputs"] as JsonArray).single()
            assertEquals(json("""{"kind":"answer","effect":7,"answer":{"kind":"done"}}"""), answer)
            assertEquals(1, rowsSeen)
        }
    }

    @Test
    fun `nothing that comes after words which nobody got begins, and the ask says so`() {
        val begun = AtomicInteger()
        val performer =
            EffectPerformer { _, _ ->
                begun.incrementAndGet()
                json("""{"kind":"done"}""")
            }
        RuntimeStage(folder, performer = performer, onView = { throw ViewUnseen() }).use { stage ->
            stage.replyEffects(
                """{"kind":"show","id":1,"view":{"kind":"words","words":"a b"}}""",
                """{"kind":"secret","id":2}""",
                """{"kind":"show","id":3,"view":{"kind":"result","ask":"create","outcome":"ok"}}""",
            )
            val ended = stage.runtime.ask(ask("create"))
            assertTrue(assertThrows(ExecutionException::class.java) { ended.get() }.cause is ViewUnseen)
            stage.close()
            assertEquals(0, begun.get())
        }
    }

    @Test
    fun `with more the engine is called again without inputs`() =
        stage().use { stage ->
            stage.reply("""{"effects":[],"more":true}""")
            stage.runtime.start(EVENING)
            stage.nextMessage()
            assertEquals(emptyList<String>(), kindsOf(stage.nextMessage()))
        }

    @Test
    fun `inputs that came together go together, sixty-four at the most, and in order`() =
        stage().use { stage ->
            stage.holdStep({ stage.runtime.start(EVENING) }) {
                repeat(70) { stage.runtime.tellChanged("/root", listOf("folder $it")) }
            }
            val messages = listOf(stage.nextMessage(), stage.nextMessage()).map { it["inputs"] as JsonArray }
            assertEquals(listOf(64, 6), messages.map { it.size })
            val folders =
                messages.flatten().map {
                    ((it.jsonObject["folders"] as JsonArray).single() as JsonPrimitive)
                        .content
                }
            assertEquals((0 until 70).map { "folder $it" }, folders)
        }

    @Test
    fun `inputs that do not fit into one message go in several`() =
        stage().use { stage ->
            stage.holdStep({ stage.runtime.start(EVENING) }) {
                repeat(3) { stage.runtime.tellChanged("/root", listOf("x".repeat(200_000))) }
            }
            assertEquals(listOf(2, 1), List(2) { kindsOf(stage.nextMessage()).size })
        }

    @Test
    fun `changes in more folders than a message holds are told as anywhere`() =
        stage().use { stage ->
            stage.runtime.start(EVENING)
            stage.nextMessage()
            stage.runtime.tellChanged("/root", List(500) { "é".repeat(200) + it })
            val (input) = stage.nextMessage()["inputs"] as JsonArray
            assertEquals(json("""{"kind":"changed","root":"/root","folders":null}"""), input)
        }

    @Test
    fun `an ask that no message can hold is refused`() =
        stage().use { stage ->
            assertThrows(RefusedEffect::class.java) { stage.runtime.ask(ask("x".repeat(524_288))) }
            assertTrue(stage.faults.isEmpty())
        }

    @Test
    fun `a view that ends an ask is its result, asks of one kind in order`() =
        stage().use { stage ->
            val results = ArrayList<CompletableFuture<JsonObject>>()
            val view = { n: Int ->
                """{"kind":"show","id":$n,"view":{"kind":"result","ask":"backup","outcome":"ok","n":$n}}"""
            }
            stage.holdStep({ stage.runtime.start(EVENING) }) {
                repeat(2) { results += stage.runtime.ask(ask("backup")) }
                stage.replyEffects(view(1), view(2))
            }
            assertEquals(listOf("1", "2"), results.map { it.get()["n"].toString() })
        }

    @Test
    fun `watched roots are told, and answers too large are said to be`() {
        val performer = EffectPerformer { _, _ -> json("""{"kind":"done","bytes":"${"x".repeat(ANSWER_CHARS)}"}""") }
        stage(performer).use { stage ->
            stage.replyEffects("""{"kind":"watch","id":1,"roots":["/a","/b"]}""", """{"kind":"secret","id":2}""")
            stage.runtime.start(EVENING)
            stage.nextMessage()
            val (answer) = stage.nextMessage()["inputs"] as JsonArray
            assertEquals(json("""{"kind":"failed","reason":"host-answer-too-large"}"""), answer.jsonObject["answer"])
            assertEquals(listOf(listOf("/a", "/b")), stage.watched.toList())
        }
    }

    @Test
    fun `an effect that throws is answered host-error, and told without its words`() =
        assertAnsweredHostError("scan", "IllegalArgumentException") { _, _ ->
            throw IllegalArgumentException("ada-and-her-secret")
        }

    @Test
    fun `an effect whose answer cannot be written down is answered host-error`() {
        val unwritable =
            object : AbstractMap<String, JsonElement>() {
                override val entries: Set<Map.Entry<String, JsonElement>> get() = throw OutOfMemoryError("too much")
            }
        assertAnsweredHostError("download", "OutOfMemoryError") { _, _ -> JsonObject(unwritable) }
    }

    private fun assertAnsweredHostError(
        kind: String,
        error: String,
        performer: EffectPerformer,
    ) = stage(performer).use { stage ->
        stage.replyEffects("""{"kind":"$kind","id":3}""")
        stage.runtime.start(EVENING)
        stage.nextMessage()
        val (answer) = stage.nextMessage()["inputs"] as JsonArray
        assertEquals(json("""{"kind":"failed","reason":"host-error"}"""), answer.jsonObject["answer"])
        assertEquals(listOf(Fault("host-effect", "$kind: $error")), stage.faults.toList())
    }

    @Test
    fun `a cancel reaches its effect, whose own answer comes`() {
        val hasBegun = CountDownLatch(1)
        val performer =
            EffectPerformer { _, cancellation ->
                val isCancelled = CountDownLatch(1)
                cancellation.onCancel { isCancelled.countDown() }
                hasBegun.countDown()
                isCancelled.await()
                throw EffectCancelled()
            }
        stage(performer).use { stage ->
            stage.replyEffects("""{"kind":"upload","id":4}""")
            stage.runtime.start(EVENING)
            stage.nextMessage()
            hasBegun.await()
            stage.replyEffects("""{"kind":"cancel","id":5,"effect":4}""")
            stage.runtime.setConditions(EVENING)
            stage.nextMessage()
            val (answer) = stage.nextMessage()["inputs"] as JsonArray
            assertEquals(json("""{"kind":"answer","effect":4,"answer":{"kind":"cancelled"}}"""), answer)
        }
    }

    @Test
    fun `a wake comes at its time, a new one replaces it, and a cancelled one says so`() =
        stage().use { stage ->
            val nowMs = stage.clock.nowMs()
            val wake = { id: Int, atMs: Long -> """{"kind":"wake","id":$id,"atMs":$atMs}""" }
            val answerOf = { message: JsonObject -> (message["inputs"] as JsonArray).single() }
            stage.replyEffects(wake(1, nowMs + 10), wake(2, nowMs + 20))
            stage.runtime.start(EVENING)
            stage.nextMessage()
            // A second step begins when the effects of the first were begun.
            stage.runtime.setConditions(EVENING)
            stage.nextMessage()
            stage.replyEffects(wake(3, nowMs + 99), """{"kind":"cancel","id":4,"effect":3}""")
            stage.clock.advance(20)
            val woken = json("""{"kind":"answer","effect":2,"answer":{"kind":"woken"}}""")
            assertEquals(woken, answerOf(stage.nextMessage()))
            val cancelled = json("""{"kind":"answer","effect":3,"answer":{"kind":"cancelled"}}""")
            assertEquals(cancelled, answerOf(stage.nextMessage()))
        }

    @Test
    fun `a stopped runtime cancels its effects, fails its asks, and takes no more`() {
        val hasEnded = AtomicInteger()
        val hasBegun = CountDownLatch(1)
        val performer =
            EffectPerformer { _, cancellation ->
                val isCancelled = CountDownLatch(1)
                cancellation.onCancel { isCancelled.countDown() }
                hasBegun.countDown()
                isCancelled.await()
                hasEnded.incrementAndGet()
                throw EffectCancelled()
            }
        val stage = stage(performer)
        val result = stage.runtime.ask(ask("backup"))
        stage.replyEffects("""{"kind":"upload","id":4}""")
        stage.runtime.start(EVENING)
        hasBegun.await()
        val reason = IllegalStateException("told to")
        stage.runtime.stop(reason)
        assertEquals(reason, assertThrows(ExecutionException::class.java) { result.get() }.cause)
        assertEquals(
            reason,
            assertThrows(ExecutionException::class.java) { stage.runtime.ask(ask("backup")).get() }.cause,
        )
        stage.close()
        assertEquals(1, hasEnded.get())
        assertTrue(stage.faults.isEmpty())
    }

    @Test
    fun `whoever closes while another one stops rejects what was asked`() {
        val isRunning = CountDownLatch(1)
        val isStopping = CountDownLatch(1)
        val mayStop = CountDownLatch(1)
        val mayEnd = CountDownLatch(1)
        val engine =
            object : ScriptEngine {
                override fun handle(text: String): String {
                    isRunning.countDown()
                    mayEnd.await()
                    return """{"effects":[],"more":false}"""
                }

                /** Holds the one who stops until the other, who closes, interrupts: nothing more is taken then. */
                override fun interrupt() {
                    if (isStopping.count > 0) {
                        isStopping.countDown()
                        mayStop.await()
                    } else {
                        mayStop.countDown()
                        mayEnd.countDown()
                    }
                }

                override fun close() = Unit
            }
        val stage = RuntimeStage(folder, engines = ScriptEngineFactory { engine })
        val result = stage.runtime.ask(ask("backup"))
        isRunning.await()
        val reason = IllegalStateException("told to")
        val stopper = thread { stage.runtime.stop(reason) }
        isStopping.await()
        stage.close()
        stopper.join()
        assertTrue(result.isCompletedExceptionally)
        assertEquals(reason, assertThrows(ExecutionException::class.java) { result.get() }.cause)
    }
}

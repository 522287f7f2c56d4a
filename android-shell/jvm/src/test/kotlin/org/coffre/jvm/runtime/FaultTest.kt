// What follows a step that broke (docs/host-api.md H-3, H-11). Rule: nothing of the step is kept, and nothing that was asked
// is forgotten.

package org.coffre.jvm.runtime

import org.coffre.host.runtime.EffectPerformer
import org.coffre.host.runtime.Fault
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RuntimeStopped
import org.coffre.host.script.QuickJsEngine
import org.coffre.host.script.ScriptEngineFactory
import org.coffre.host.script.ScriptLimits
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException

@Timeout(60)
class FaultTest {
    @TempDir
    lateinit var folder: Path

    private val fault = """{"fault":{"code":"host-error","message":"broken"}}"""

    @Test
    fun `a fault undoes the step, and a new engine hears started, conditions, changes and open asks`() =
        RuntimeStage(folder).use { stage ->
            stage.runtime.start(EVENING)
            stage.nextMessage()
            stage.replies.addLast { store ->
                store.run("""{"sql":"CREATE TABLE t (a)"}""")
                fault
            }
            stage.replies.addLast { store ->
                store.all("""{"sql":"SELECT name FROM sqlite_master"}""").let {
                    """{"effects":[{"kind":"show","id":1,"view":{"kind":"found","rows":$it}}],"more":false}"""
                }
            }
            stage.holdStep({ stage.runtime.setConditions(EVENING) }) {
                stage.runtime.tellChanged("/root", listOf("a"))
                stage.runtime.ask(json("""{"kind":"backup"}"""))
            }
            assertEquals(listOf("changed", "ask"), kindsOf(stage.nextMessage()))
            assertEquals(listOf("started", "conditions", "changed", "ask"), kindsOf(stage.nextMessage()))
            assertEquals(json("""{"rows":[]}"""), stage.nextView()["rows"])
            assertEquals(2, stage.engineCount)
            assertEquals(listOf(Fault("host-error", "broken")), stage.faults.toList())
        }

    @Test
    fun `an answer to an effect of the engine that broke goes nowhere`() {
        val mayEnd = CountDownLatch(1)
        val hasEnded = CountDownLatch(1)
        val performer =
            EffectPerformer { _, _ ->
                mayEnd.await()
                hasEnded.countDown()
                json("""{"kind":"done"}""")
            }
        RuntimeStage(folder, performer = performer).use { stage ->
            stage.replyEffects("""{"kind":"scan","id":1}""")
            stage.runtime.start(EVENING)
            stage.nextMessage()
            stage.reply(fault)
            stage.runtime.setConditions(EVENING)
            stage.nextMessage()
            assertEquals(listOf("started", "conditions"), kindsOf(stage.nextMessage()))
            mayEnd.countDown()
            hasEnded.await()
            stage.runtime.tellChanged("/root", null)
            assertEquals(listOf("changed"), kindsOf(stage.nextMessage()))
        }
    }

    @Test
    fun `a vault that was opened is opened again before what was asked since`() =
        RuntimeStage(folder).use { stage ->
            stage.replyEffects("""{"kind":"show","id":1,"view":{"kind":"result","ask":"open-vault","outcome":"ok"}}""")
            stage.runtime.ask(json("""{"kind":"open-vault"}""")).get()
            stage.nextMessage()
            stage.reply(fault)
            stage.runtime.ask(json("""{"kind":"list"}"""))
            stage.nextMessage()
            assertEquals(listOf("open-vault", "list"), asksOf(stage.nextMessage()))
        }

    @Test
    fun `a stop whose step broke is asked again, behind what it is to stop`() =
        RuntimeStage(folder).use { stage ->
            stage.runtime.ask(json("""{"kind":"backup"}"""))
            stage.nextMessage()
            stage.reply(fault)
            stage.runtime.requestStop()
            assertEquals(listOf("stop"), asksOf(stage.nextMessage()))
            assertEquals(listOf("backup", "stop"), asksOf(stage.nextMessage()))
        }

    @Test
    fun `the third fault within ten minutes stops the work, and every ask says so`() =
        RuntimeStage(folder).use { stage ->
            repeat(3) { stage.reply(fault) }
            val result = stage.runtime.ask(json("""{"kind":"backup"}"""))
            val stopped = assertThrows(ExecutionException::class.java) { result.get() }.cause as RuntimeStopped
            assertEquals(Fault("host-error", "broken"), stopped.fault)
            assertEquals(3, stage.faults.size)
            val later = stage.runtime.ask(json("""{"kind":"backup"}"""))
            assertEquals(stopped, assertThrows(ExecutionException::class.java) { later.get() }.cause)
        }

    @Test
    fun `faults that are ten minutes apart do not stop the work`() =
        RuntimeStage(folder).use { stage ->
            for (round in 1..4) {
                stage.reply(fault)
                stage.runtime.setConditions(EVENING)
                stage.nextMessage()
                stage.nextMessage()
                stage.clock.advance(HostRuntime.FAULT_WINDOW_MS / 2)
            }
            assertEquals(4, stage.faults.size)
            assertEquals(5, stage.engineCount)
        }

    @Test
    fun `faults before a clock was set back are not counted as of the last ten minutes`() =
        RuntimeStage(folder).use { stage ->
            for (byMs in listOf(0L, -86_400_000L, 0L)) {
                stage.reply(fault)
                stage.runtime.setConditions(EVENING)
                stage.nextMessage()
                stage.nextMessage()
                stage.clock.advance(byMs)
            }
            assertEquals(3, stage.faults.size)
            assertEquals(4, stage.engineCount)
        }

    @ParameterizedTest
    @ValueSource(
        strings = [
            "", "7", "no json", "[]", "{}", """{"effects":[]}""", """{"effects":{},"more":false}""",
            """{"effects":[7],"more":false}""", """{"effects":[{"kind":"scan"}],"more":false}""",
            """{"effects":[{"id":1}],"more":false}""", """{"fault":{}}""",
            """{"effects":[{"id":"1","kind":"scan"}],"more":false}""", """{"effects":[],"more":"maybe"}""",
        ],
    )
    fun `an answer of another form is a fault, and nothing is committed`(answer: String) =
        RuntimeStage(folder).use { stage ->
            stage.replies.addLast { store ->
                store.run("""{"sql":"CREATE TABLE t (a)"}""")
                answer
            }
            stage.runtime.start(EVENING)
            stage.nextMessage()
            stage.nextMessage()
            assertEquals(listOf(Fault("host-error", "the engine's answer has another form")), stage.faults.toList())
        }

    @Test
    fun `a failure of the Store is a fault even when the engine overlooked it`() =
        RuntimeStage(folder).use { stage ->
            stage.replies.addLast { store ->
                store.run("""{"sql":"NOT SQL"}""")
                """{"effects":[],"more":false}"""
            }
            stage.runtime.start(EVENING)
            stage.nextMessage()
            stage.nextMessage()
            val message = stage.faults.single().message
            assertTrue(message.startsWith("the Store failed") && "NOT SQL" !in message, message)
        }

    @Test
    fun `a full disk has a code of its own`() =
        RuntimeStage(folder).use { stage ->
            stage.replies.addLast { store ->
                store.run("""{"sql":"CREATE TABLE t (a)"}""")
                store.all("""{"sql":"PRAGMA max_page_count = 4"}""")
                store.run("""{"sql":"INSERT INTO t VALUES (zeroblob(1000000))"}""")
                """{"effects":[],"more":false}"""
            }
            stage.runtime.start(EVENING)
            stage.nextMessage()
            stage.nextMessage()
            assertEquals("host-no-space", stage.faults.single().code)
        }

    @ParameterizedTest
    @ValueSource(
        strings = [
            "for(;;){}",
            "(function f(){ f() })()",
            "var a = []; for(;;) a.push(new Array(1000).fill(a.length))",
            "for(;;) storeRun('{\"sql\":\"SELECT 1\"}'.padEnd(9000))",
            "for(;;) try { storeRun('{\"sql\":\"SELECT 1\"}') } catch (e) {}",
            "try { storeRun('['.repeat(2000000)) } catch (e) {}",
            "throw new Error('secret')",
        ],
    )
    fun `a script that breaks a limit loses its step, is made anew, and stops at the third time`(breach: String) {
        val script =
            """function handle(text) {
            if (JSON.parse(text).inputs.some(function (input) { return input.kind === "ask" })) {
              storeRun('{"sql":"CREATE TABLE t (a)"}');
              $breach
            }
            return '{"effects":[],"more":false}' }"""
        val limits = ScriptLimits(memoryBytes = 8L shl 20, stepMs = 300)
        val engines = ScriptEngineFactory { port -> QuickJsEngine(script, limits, port) }
        RuntimeStage(folder, engines = engines).use { stage ->
            stage.runtime.start(EVENING)
            val result = stage.runtime.ask(json("""{"kind":"backup"}"""))
            assertTrue(assertThrows(ExecutionException::class.java) { result.get() }.cause is RuntimeStopped)
            assertEquals(3, stage.faults.size)
            assertTrue(stage.faults.none { "secret" in it.message }, "${stage.faults}")
            assertEquals(3, stage.engineCount)
            stage.runtime.close()
            stage.store.begin()
            assertEquals("""{"rows":[]}""", stage.store.port.all("""{"sql":"SELECT name FROM sqlite_master"}"""))
            stage.store.rollback()
        }
    }

    @Test
    fun `closing ends a step that loops`() {
        val isRunning = CountDownLatch(1)
        val script = "function handle(t){ storeRun('{\"sql\":\"SELECT 1\"}'); for(;;){} }"
        val engines =
            ScriptEngineFactory { port ->
                isRunning.countDown()
                QuickJsEngine(script, ScriptLimits(stepMs = 50_000), port)
            }
        val stage = RuntimeStage(folder, engines = engines)
        stage.runtime.start(EVENING)
        isRunning.await()
        stage.close()
        assertTrue(stage.faults.isEmpty())
    }
}

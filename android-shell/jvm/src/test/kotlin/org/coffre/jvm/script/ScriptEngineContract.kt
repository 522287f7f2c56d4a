// What every script engine does the same. Rule: nothing here knows which engine it is.

package org.coffre.jvm.script

import org.coffre.host.script.EngineFault
import org.coffre.host.script.ScriptEngine
import org.coffre.host.script.ScriptLimits
import org.coffre.host.script.StorePort
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.concurrent.thread

@Timeout(60)
abstract class ScriptEngineContract {
    abstract fun make(
        script: String,
        limits: ScriptLimits,
        store: StorePort,
    ): ScriptEngine

    private fun <T> withEngine(
        script: String,
        limits: ScriptLimits = ScriptLimits(),
        store: (String) -> String = { it },
        work: (ScriptEngine) -> T,
    ): T = onOwnerThread { make(script, limits, OneCallStore(store)).use(work) }

    private fun faultOf(
        kind: EngineFault.Kind,
        work: () -> Unit,
    ): EngineFault {
        val fault = assertThrows(EngineFault::class.java, work)
        assertEquals(kind, fault.kind, fault.detail)
        return fault
    }

    @Test
    fun `text of any allowed length goes in and comes out the same`() =
        withEngine("function handle(t){ return t }") { engine ->
            for (chars in listOf(0, 1, 200, 4096, 524_287, 524_288)) {
                val text = "x\u007f".repeat(chars / 2 + 1).take(chars)
                assertEquals(text, engine.handle(text))
            }
        }

    @Test
    fun `an answer longer than a message is a fault`() =
        withEngine("function handle(t){ return t + 'x' }") { engine ->
            faultOf(EngineFault.Kind.ANSWER) { engine.handle("y".repeat(524_288)) }
            assertEquals("yx", engine.handle("y"))
        }

    @Test
    fun `an answer that is no ASCII text is a fault`() =
        withEngine("function handle(t){ return t === 'a' ? 7 : t === 'b' ? undefined : '\\u00e9' }") {
            for (text in listOf("a", "b", "c")) faultOf(EngineFault.Kind.ANSWER) { it.handle(text) }
        }

    @Test
    fun `text that is not ASCII never reaches the script`() =
        withEngine("function handle(t){ return t }") { engine ->
            for (text in listOf("é", "\u0000", "\ud83d\ude00")) faultOf(EngineFault.Kind.ANSWER) { engine.handle(text) }
        }

    @Test
    fun `escaped characters survive, lone surrogates and NUL included`() {
        val script =
            """function handle(t) { var o = JSON.parse(t);
            var codes = o.a.split("").map(function (c) { return c.charCodeAt(0).toString(16) }).join(",");
            return JSON.stringify({ codes: codes, back: JSON.parse(storeAll(t)).a === o.a }) }"""
        withEngine(script) { engine ->
            val answer = engine.handle("""{"a":"\ud83d\ude00\u0000\ud800\u00e9"}""")
            assertEquals("""{"codes":"d83d,de00,0,d800,e9","back":true}""", answer)
        }
    }

    @Test
    fun `each of the three calls reaches its own place`() {
        val store =
            object : StorePort {
                override fun run(text: String) = "run $text"

                override fun runMany(text: String) = "many $text"

                override fun all(text: String) = "all $text"
            }
        val script = "function handle(t){ return [storeRun(t), storeRunMany(t), storeAll(t)].join() }"
        val answer = onOwnerThread { make(script, ScriptLimits(), store).use { it.handle("x") } }
        assertEquals("run x,many x,all x", answer)
    }

    @Test
    fun `nothing of the host is left on the global object but the three calls`() {
        val script =
            """function handle() { return Object.keys(globalThis)
            .filter(function (name) { return /^__|^store/.test(name) }).join() }"""
        val names = withEngine(script) { it.handle("").split(",").toSet() }
        assertEquals(setOf("storeRun", "storeRunMany", "storeAll"), names - setOf("__answer", "__step"))
    }

    @Test
    fun `thousands of Store calls fit into one step`() {
        var calls = 0
        val script = "function handle(t){ var s=0; for (var i=0;i<5000;i++) s+=storeAll(t).length; return String(s) }"
        val count = { text: String -> text.also { calls++ } }
        withEngine(script, store = count) { assertEquals("1000000", it.handle("y".repeat(200))) }
        assertEquals(5000, calls)
    }

    @Test
    fun `a Store that throws is an Error for the script and a fault for the host, even when the script swallowed it`() {
        var isBroken = true
        val store = { text: String -> if (isBroken) error("boom") else text }
        withEngine(
            "function handle(t){ try { return storeRun(t) } catch (e) { return 'swallowed' } }",
            store = store,
        ) { engine ->
            val fault = faultOf(EngineFault.Kind.STORE) { engine.handle("a") }
            assertEquals("boom", fault.cause?.message)
            isBroken = false
            assertEquals("b", engine.handle("b"))
        }
    }

    @Test
    fun `a Store that answers what is not ASCII is a fault`() {
        withEngine("function handle(t){ return storeRun(t) }", store = { "é" }) { engine ->
            faultOf(EngineFault.Kind.ANSWER) { engine.handle("a") }
        }
    }

    @Test
    fun `a script that throws is a fault whose message quotes nothing`() =
        withEngine("function handle(t){ if (t === 'x') throw new TypeError('secret ' + t); return t }") { engine ->
            val fault = faultOf(EngineFault.Kind.SCRIPT) { engine.handle("x") }
            assertEquals("the script failed", fault.message)
            assertTrue(fault.detail.orEmpty().contains("secret x"), fault.detail)
            assertEquals("y", engine.handle("y"))
        }

    @Test
    fun `a script that cannot be read, that throws, or that has no handle is a fault`() {
        faultOf(EngineFault.Kind.SCRIPT) { withEngine("function (") {} }
        faultOf(EngineFault.Kind.SCRIPT) { withEngine("throw new Error('no')") {} }
        faultOf(EngineFault.Kind.SCRIPT) { withEngine("var other = 1") { it.handle("x") } }
    }

    @Test
    fun `a script that loops is interrupted at the deadline, whatever it catches`() {
        val script =
            """function handle(text) {
            if (text === "x") try { for (;;) {} } catch (e) { return "swallowed" } finally {}
            return text }"""
        withEngine(script, ScriptLimits(stepMs = 200)) { engine ->
            faultOf(EngineFault.Kind.INTERRUPTED) { engine.handle("x") }
            assertEquals("y", engine.handle("y"))
        }
    }

    @Test
    fun `a script that loops while it is loaded is interrupted`() {
        faultOf(EngineFault.Kind.INTERRUPTED) { withEngine("for(;;){}", ScriptLimits(stepMs = 200)) {} }
    }

    @Test
    fun `a script that sits in Store calls meets the deadline there, whatever it catches`() {
        val script = "function handle(t){ for(;;) try { storeAll(t) } catch (e) {} }"
        withEngine(script, ScriptLimits(stepMs = 200, storeChars = Long.MAX_VALUE shr 12)) { engine ->
            faultOf(EngineFault.Kind.INTERRUPTED) { engine.handle("x") }
        }
    }

    @Test
    fun `another thread can end a step, and the next one runs`() {
        val isRunning = CountDownLatch(1)
        val store = { text: String -> text.also { isRunning.countDown() } }
        withEngine(
            "function handle(t){ if (t === 'x') { storeRun(t); for(;;){} } return t }",
            store = store,
        ) { engine ->
            val other =
                thread {
                    isRunning.await()
                    engine.interrupt()
                }
            faultOf(EngineFault.Kind.INTERRUPTED) { engine.handle("x") }
            other.join()
            assertEquals("y", engine.handle("y"))
        }
    }

    @Test
    fun `a closed engine can be interrupted and closed again`() =
        withEngine("function handle(t){ return t }") { engine ->
            engine.close()
            engine.interrupt()
            engine.close()
        }

    @Test
    fun `a script that recurses without end is a fault, and 2,000 calls deep is none`() =
        withEngine(
            "function f(n){ return n === 0 ? 0 : 1 + f(n - 1) } function handle(t){ return String(f(+t)) }",
        ) { engine ->
            faultOf(EngineFault.Kind.STACK_OVERFLOW) { engine.handle("100000000") }
            assertEquals("2000", engine.handle("2000"))
        }

    @Test
    fun `the budget of Store traffic counts both ways and is exact`() {
        val limits = ScriptLimits(storeChars = 1000)
        withEngine("function handle(t){ storeRun(t); return t }", limits) { engine ->
            assertEquals(500, engine.handle("x".repeat(500)).length)
            faultOf(EngineFault.Kind.BUDGET) { engine.handle("x".repeat(501)) }
            assertEquals(500, engine.handle("x".repeat(500)).length)
        }
    }

    @Test
    fun `a script that floods the Store is ended, whatever it catches`() {
        withEngine("function handle(t){ for(;;) try { storeRun(t) } catch (e) {} }") { engine ->
            faultOf(EngineFault.Kind.BUDGET) { engine.handle("x".repeat(1000)) }
        }
    }

    @Test
    fun `a single call beyond the budget never leaves the script`() {
        var longest = 0
        val store = { text: String -> text.also { longest = maxOf(longest, it.length) } }
        val script = "function handle(){ try { storeRun('x'.repeat(5000000)) } catch (e) {} return 'swallowed' }"
        withEngine(script, store = store) { faultOf(EngineFault.Kind.BUDGET) { it.handle("") } }
        assertEquals(0, longest)
    }

    @Test
    fun `promise jobs have run when the next step begins`() =
        withEngine(
            "var n = 0; function handle(t){ Promise.resolve().then(function(){ n++ }); return String(n) }",
        ) { engine ->
            assertEquals("0", engine.handle(""))
            assertEquals("1", engine.handle(""))
        }

    @Test
    fun `a Store call that enters the engine is refused, not a deadlock`() {
        lateinit var engine: ScriptEngine
        var inner: Throwable? = null
        val store = { text: String -> text.also { inner = runCatching { engine.handle("again") }.exceptionOrNull() } }
        onOwnerThread {
            engine = make("function handle(t){ return storeRun(t) }", ScriptLimits(), OneCallStore(store))
            engine.use { assertEquals("x", it.handle("x")) }
        }
        assertTrue(inner is IllegalStateException, "$inner")
    }

    @Test
    fun `only the thread that made an engine may use it`() {
        val engine = onOwnerThread { make("function handle(t){ return t }", ScriptLimits(), OneCallStore { it }) }
        assertThrows(IllegalStateException::class.java) { engine.handle("x") }
        engine.interrupt()
    }

    @Test
    fun `engines on several threads are made and used at once`() {
        val threads = Executors.newFixedThreadPool(3)
        try {
            val counting = "var c = 0; function handle(t){ c++; storeRun(t); return t + c }"
            val works =
                (0..2).map { index ->
                    Callable { repeat(20) { withEngine(counting) { e -> repeat(50) { e.handle("q$index") } } } }
                }
            for (done in threads.invokeAll(works)) assertNull(done.get().takeIf { it != Unit })
        } finally {
            threads.shutdown()
        }
    }
}

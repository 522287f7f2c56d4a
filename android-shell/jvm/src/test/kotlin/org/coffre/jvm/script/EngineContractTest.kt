// Both engines, held to the one contract. Rule: what only one of them can do stands here with it.

package org.coffre.jvm.script

import org.coffre.host.script.EngineFault
import org.coffre.host.script.QuickJsEngine
import org.coffre.host.script.ScriptLimits
import org.coffre.host.script.StorePort
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

class QuickJsEngineTest : ScriptEngineContract() {
    override fun make(
        script: String,
        limits: ScriptLimits,
        store: StorePort,
    ) = QuickJsEngine(script, limits, store)

    @Test
    fun `a script that needs more memory than it may have is a fault`() {
        val script =
            """var keep = []; function handle(text) {
            if (text === "x") for (;;) keep.push(new Array(1000).fill(1)); return text }"""
        onOwnerThread {
            make(script, ScriptLimits(memoryBytes = 8L shl 20), OneCallStore { it }).use { engine ->
                val fault = assertThrows(EngineFault::class.java) { engine.handle("x") }
                assertEquals(EngineFault.Kind.OUT_OF_MEMORY, fault.kind)
            }
        }
    }

    @Test
    fun `memory is given back when an engine is closed`() {
        val script =
            "var keep = []; for (var i = 0; i < 100000; i++) keep.push({ i: i }); function handle(text){ return text }"
        repeat(20) { onOwnerThread { make(script, ScriptLimits(), OneCallStore { it }).use { it.handle("x") } } }
    }
}

class JavetEngineTest : ScriptEngineContract() {
    override fun make(
        script: String,
        limits: ScriptLimits,
        store: StorePort,
    ) = JavetEngine(script, limits, store)
}

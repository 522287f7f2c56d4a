// V8 by Javet: a second, unrelated engine, so that a bug of one cannot hide. Rule: it stands beside QuickJsEngine in tests
// and ships nowhere.

package org.coffre.jvm.script

import com.caoccao.javet.exceptions.JavetException
import com.caoccao.javet.exceptions.JavetExecutionException
import com.caoccao.javet.exceptions.JavetTerminatedException
import com.caoccao.javet.interfaces.IJavetLogger
import com.caoccao.javet.interop.V8Host
import com.caoccao.javet.interop.V8Runtime
import com.caoccao.javet.interop.callback.IJavetDirectCallable
import com.caoccao.javet.interop.callback.JavetCallbackContext
import com.caoccao.javet.interop.callback.JavetCallbackType
import com.caoccao.javet.values.reference.V8ValueFunction
import org.coffre.host.script.EngineFault
import org.coffre.host.script.ScriptEngine
import org.coffre.host.script.ScriptLimits
import org.coffre.host.script.StoreGate
import org.coffre.host.script.StorePort
import org.coffre.host.script.scriptPrelude

/** A V8 of its own with [script] loaded. Memory has no limit here: V8 ends the process at its own. */
class JavetEngine(
    script: String,
    private val limits: ScriptLimits,
    store: StorePort,
) : ScriptEngine {
    private val owner = Thread.currentThread()
    private val gate = StoreGate(limits, store)
    private val closing = Any()
    private var isOpen = true
    private var isHandling = false
    private val v8: V8Runtime = V8Host.getV8Instance().createV8Runtime()
    private val answer: V8ValueFunction

    init {
        v8.logger = Silence
        try {
            bindHost()
            gate.open()
            evaluate { v8.getExecutor(scriptPrelude(limits)).setResourceName("prelude.js").executeVoid() }
            evaluate { v8.getExecutor(script).setResourceName("engine.js").executeVoid() }
            answer = v8.globalObject.get("__answer")
        } catch (error: Throwable) {
            v8.close()
            throw error
        }
    }

    /** What V8 uses of its heap now, in bytes. */
    val memoryBytes: Long get() = v8.v8HeapStatistics.get().usedHeapSize

    override fun handle(text: String): String {
        check(Thread.currentThread() === owner) { "a script engine belongs to the thread that made it" }
        check(!isHandling) { "a Store call must not enter the engine" }
        StoreGate.checkAscii(text)
        isHandling = true
        gate.open()
        val reply =
            try {
                evaluate { answer.callString(null, text) }
            } finally {
                isHandling = false
            }
        return (
            reply ?: throw EngineFault(
                EngineFault.Kind.ANSWER,
                "no text, or too much of it",
            )
        ).also(StoreGate::checkAscii)
    }

    override fun interrupt() {
        synchronized(closing) { if (isOpen) v8.terminateExecution() }
    }

    override fun close() {
        synchronized(closing) {
            if (isOpen) {
                answer.close()
                v8.close()
            }
            isOpen = false
        }
    }

    private fun bindHost() {
        val call =
            IJavetDirectCallable.NoThisAndResult<Exception> { args ->
                val reply = gate.call(args[0].asInt(), args[1].asString()) { v8.terminateExecution() }
                if (reply == null) v8.createV8ValueNull() else v8.createV8ValueString(reply)
            }
        val context = JavetCallbackContext("__call", this, JavetCallbackType.DirectCallNoThisAndResult, call)
        v8.createV8ValueFunction(context).use { v8.globalObject.set("__call", it) }
    }

    private fun <T> evaluate(work: () -> T): T {
        val result =
            try {
                v8.getGuard(limits.stepMs).use { work() }
            } catch (error: JavetTerminatedException) {
                throw gate.fault ?: EngineFault(EngineFault.Kind.INTERRUPTED, error.message, error)
            } catch (error: JavetExecutionException) {
                val isDeep = error.message.orEmpty().contains("Maximum call stack")
                val kind = if (isDeep) EngineFault.Kind.STACK_OVERFLOW else EngineFault.Kind.SCRIPT
                throw gate.fault ?: EngineFault(kind, error.message, error)
            } catch (error: JavetException) {
                throw gate.fault ?: EngineFault(EngineFault.Kind.SCRIPT, error.message, error)
            }
        gate.fault?.let { throw it }
        return result
    }

    /** Javet speaks of callbacks that were not recycled at each close, which is harmless. */
    private object Silence : IJavetLogger {
        override fun debug(message: String?) = Unit

        override fun error(message: String?) = Unit

        override fun error(
            message: String?,
            cause: Throwable?,
        ) = Unit

        override fun info(message: String?) = Unit

        override fun warn(message: String?) = Unit
    }
}

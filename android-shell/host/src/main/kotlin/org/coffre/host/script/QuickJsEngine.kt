// QuickJS by quickjs-kt: what phones run. Rule: strings and plain synchronous functions alone; byte arrays, objects and
// promises over this border leak or lie.
//
// A step is entered through one compiled call that fetches its text from a mailbox: no source text is built for it.

package org.coffre.host.script

import com.dokar.quickjs.QuickJs
import com.dokar.quickjs.QuickJsException
import com.dokar.quickjs.QuickJsInterruptedException
import com.dokar.quickjs.binding.function
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking

/** A QuickJS of its own with [script] loaded. Throws [EngineFault] when the script cannot be loaded within [limits]. */
class QuickJsEngine(
    script: String,
    private val limits: ScriptLimits,
    store: StorePort,
) : ScriptEngine {
    private val owner = Thread.currentThread()
    private val gate = StoreGate(limits, store)
    private val closing = Any()
    private var isOpen = true
    private var isHandling = false
    private var inbox: String? = null
    private var outbox: String? = null

    // The dispatcher serves asynchronous functions, of which there are none.
    private val js = QuickJs.create(Dispatchers.Unconfined)
    private val step: ByteArray

    init {
        try {
            js.memoryLimit = limits.memoryBytes
            js.maxStackSize = limits.stackBytes
            js.evaluationTimeoutMillis = limits.stepMs
            bindHost()
            gate.open()
            evaluate { js.evaluate<Any?>(scriptPrelude(limits) + ENTRY, "prelude.js") }
            evaluate { js.evaluate<Any?>("$script\n;undefined", "engine.js") }
            step = js.compile("__step()", "step.js")
        } catch (error: Throwable) {
            js.close()
            throw error
        }
    }

    /** What QuickJS holds now, in bytes. */
    val memoryBytes: Long get() = js.memoryUsage.mallocSize

    override fun handle(text: String): String {
        check(Thread.currentThread() === owner) { "a script engine belongs to the thread that made it" }
        check(!isHandling) { "a Store call must not enter the engine" }
        StoreGate.checkAscii(text)
        inbox = text
        outbox = null
        isHandling = true
        gate.open()
        try {
            evaluate { js.evaluate<Any?>(step) }
        } finally {
            isHandling = false
            inbox = null
        }
        val answer = outbox ?: throw EngineFault(EngineFault.Kind.ANSWER, "no text, or too much of it")
        outbox = null
        return answer.also(StoreGate::checkAscii)
    }

    override fun interrupt() {
        synchronized(closing) { if (isOpen) js.interruptEvaluation() }
    }

    override fun close() {
        synchronized(closing) {
            if (isOpen) js.close()
            isOpen = false
        }
    }

    private fun bindHost() {
        js.function<String?>("__read") { inbox }
        js.function<Any?>("__write") { args ->
            outbox = args[0] as? String
            null
        }
        js.function<String?>("__call") { args ->
            gate.call((args[0] as Number).toInt(), args[1] as String) { js.interruptEvaluation() }
        }
    }

    /** Runs on this thread: nothing in it suspends but for functions that are not bound. */
    private fun evaluate(work: suspend () -> Unit) {
        try {
            runBlocking { work() }
        } catch (error: QuickJsException) {
            throw gate.fault ?: EngineFault(kindOf(error), error.message, error)
        } catch (error: CancellationException) {
            throw gate.fault ?: EngineFault(EngineFault.Kind.INTERRUPTED, error.message, error)
        }
        gate.fault?.let { throw it }
    }

    private fun kindOf(error: QuickJsException): EngineFault.Kind {
        val message = error.message.orEmpty()
        return when {
            error is QuickJsInterruptedException -> EngineFault.Kind.INTERRUPTED
            message.contains("InternalError: out of memory") -> EngineFault.Kind.OUT_OF_MEMORY
            message.contains("InternalError: stack overflow") -> EngineFault.Kind.STACK_OVERFLOW
            else -> EngineFault.Kind.SCRIPT
        }
    }

    private companion object {
        const val ENTRY = """
(function (g) {
  "use strict";
  var read = g.__read, write = g.__write, answer = g.__answer;
  delete g.__read; delete g.__write; delete g.__answer;
  g.__step = function () { write(answer(read())); };
})(globalThis);
undefined;"""
    }
}

/** Makes a [QuickJsEngine] with [script] each time. */
class QuickJsFactory(
    private val script: String,
    private val limits: ScriptLimits = ScriptLimits(),
) : ScriptEngineFactory {
    override fun create(store: StorePort): ScriptEngine = QuickJsEngine(script, limits, store)
}

// A script engine whose time and memory are counted. Rule: times are the thread's own on the processor, so that other processes
// do not count, and the Store's are told apart from the script's.

package org.coffre.jvm.bench

import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsEngine
import org.coffre.host.script.ScriptEngine
import org.coffre.host.script.ScriptLimits
import org.coffre.host.script.StorePort
import org.coffre.jvm.script.JavetEngine
import java.lang.management.ManagementFactory

private val THREADS = ManagementFactory.getThreadMXBean()

/** The time that this thread spent on a processor. */
private fun cpuTimeNs(): Long = THREADS.currentThreadCpuTime

/** What engines used so far; the times in nanoseconds. */
internal class EngineUse {
    var steps = 0L
    var stepNs = 0L
    var longestStepNs = 0L
    var storeCalls = 0L
    var storeNs = 0L
    var loadNs = 0L
    var memoryAfterLoadBytes = 0L
    var memoryBytes = 0L
}

/** Counts the time of Store calls. */
private class MeasuredStore(
    private val store: StorePort,
    private val use: EngineUse,
) : StorePort {
    override fun run(text: String) = measured { store.run(text) }

    override fun runMany(text: String) = measured { store.runMany(text) }

    override fun all(text: String) = measured { store.all(text) }

    private inline fun measured(work: () -> String): String {
        val beganNs = cpuTimeNs()
        return work().also {
            use.storeNs += cpuTimeNs() - beganNs
            use.storeCalls++
        }
    }
}

/** The engine's script in the engine called [name], `quickjs` or `v8`. */
internal class MeasuredEngine(
    name: String,
    store: StorePort,
    private val use: EngineUse,
) : ScriptEngine {
    private val engine: ScriptEngine
    private val readMemory: () -> Long

    init {
        val script = EngineScript.read()
        val measured = MeasuredStore(store, use)
        val beganNs = cpuTimeNs()
        if (name == "v8") {
            engine = JavetEngine(script, ScriptLimits(), measured).also { readMemory = it::memoryBytes }
        } else {
            engine = QuickJsEngine(script, ScriptLimits(), measured).also { readMemory = it::memoryBytes }
        }
        use.loadNs = cpuTimeNs() - beganNs
        use.memoryAfterLoadBytes = readMemory()
    }

    override fun handle(text: String): String {
        val beganNs = cpuTimeNs()
        val answer = engine.handle(text)
        val stepNs = cpuTimeNs() - beganNs
        use.stepNs += stepNs
        use.longestStepNs = maxOf(use.longestStepNs, stepNs)
        // Looking through the heap takes longer than most steps.
        if (use.steps++ % LOOK_EVERY == 0L) use.memoryBytes = maxOf(use.memoryBytes, readMemory())
        return answer
    }

    override fun interrupt() = engine.interrupt()

    override fun close() = engine.close()

    private companion object {
        const val LOOK_EVERY = 20L
    }
}

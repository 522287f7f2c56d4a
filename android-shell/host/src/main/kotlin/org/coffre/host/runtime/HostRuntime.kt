// The loop around the engine (docs/host-api.md §1). Rule: one step is one transaction, and its effects begin only after the
// commit.
//
//            inputs wait ──▶ step: BEGIN, handle, COMMIT ──▶ effects run ──▶ their answers wait
//                                     │ fault: ROLLBACK
//                                     ▼
//            a new engine, `started`, the last conditions, and what was asked and not answered
//                                     │ the third within ten minutes
//                                     ▼
//                                  stopped
//
// All of it happens on one thread, the engine's; whatever comes from elsewhere is posted to it.

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import org.coffre.host.ports.CurrentConditions
import org.coffre.host.script.OwnerThread
import java.util.concurrent.CompletableFuture
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import kotlin.math.abs

/** Runs one engine over one Store until [close]; its methods may be called from any thread. */
class HostRuntime(
    private val parts: RuntimeParts,
) : AutoCloseable {
    private val owner = OwnerThread.open()
    private val stepCall = StepCall(parts)
    private val wake = Wake(parts.clock)
    private val waiting = WaitingInputs()
    private val asks = PendingAsks()
    private val effects = RunningEffects(parts.performer, { post(it) }, ::push, parts.onFault)
    private val stopped = AtomicReference<Exception>()
    private var conditions: CurrentConditions? = null
    private var faultTimesMs = emptyList<Long>()
    private var isScheduled = false

    /** Says `started` and the conditions; called first, once, and not for a reader. */
    fun start(conditions: CurrentConditions) {
        post {
            this.conditions = conditions
            firstInputs().forEach(::push)
        }
    }

    /** Hands the conditions over when they changed. */
    fun setConditions(conditions: CurrentConditions) {
        post {
            this.conditions = conditions
            push(WaitingInput.conditions(conditions))
        }
    }

    /** Says that something below the locator [root] changed: in those folders, or anywhere when null. */
    fun tellChanged(
        root: String,
        folders: List<String>?,
    ) {
        val input = WaitingInput.changed(root, folders)
        post { push(input) }
    }

    /** Says that changes below the locator [root] may go unseen from now on, or are all seen again. */
    fun tellUnwatched(
        root: String,
        isUnwatched: Boolean,
    ) {
        val input = WaitingInput.unwatched(root, isUnwatched)
        post { push(input) }
    }

    /**
     * Asks the engine (docs/host-api.md §4); the result is the view that ends the ask. Fails with [RuntimeStopped]. What was
     * asked is asked again when the engine had to be made anew. Throws [RefusedEffect] for an ask that is too long.
     */
    fun ask(ask: JsonObject): CompletableFuture<JsonObject> {
        val result = CompletableFuture<JsonObject>()
        val input = WaitingInput.ask(ask)
        val isTaken =
            execute {
                val reason = stopped.get()
                if (reason != null) {
                    result.completeExceptionally(reason)
                } else {
                    asks.add(ask, result)
                    push(input)
                }
            }
        if (!isTaken) result.completeExceptionally(stopped.get())
        return result
    }

    /**
     * Asks the engine to end what it does at the next safe point, or only the backups that were asked for with [mode]; those asks' own
     * results say when.
     */
    fun requestStop(mode: String? = null) {
        ask(
            buildJsonObject {
                put("kind", "stop")
                mode?.let { put("mode", it) }
            },
        )
    }

    /** Cancels all effects and steps no more: the step that runs is interrupted and undone, pending asks fail with [reason]. */
    fun stop(reason: Exception) {
        if (!stopped.compareAndSet(null, reason)) return
        stepCall.interrupt()
        execute(::end)
    }

    /** Stops, and waits until the engine is closed and the effects have ended. Never from a callback. */
    override fun close() {
        stop(IllegalStateException("the host was closed"))
        // Whoever stopped before may not have come so far, and would come too late.
        execute(::end)
        owner.shutdown()
        // An interrupt that comes just before a step begins is lost on some engines.
        val endNs = System.nanoTime() + CLOSE_MS * 1_000_000
        while (!owner.awaitTermination(INTERRUPT_MS, TimeUnit.MILLISECONDS) &&
            System.nanoTime() < endNs
        ) {
            stepCall.interrupt()
        }
        effects.close(CLOSE_MS)
    }

    /** Takes [task] to the engine's thread, where it is done unless the runtime has stopped by then. */
    private fun post(task: () -> Unit) {
        execute { if (stopped.get() == null) task() }
    }

    /** Takes [task] to the engine's thread; false when there is none any more. What it throws ends the work. */
    private fun execute(task: () -> Unit): Boolean {
        try {
            owner.execute {
                try {
                    task()
                } catch (error: Throwable) {
                    val fault = Fault.of(error)
                    parts.onFault(fault)
                    stop(RuntimeStopped(fault))
                }
            }
        } catch (_: RejectedExecutionException) {
            return false
        }
        return true
    }

    /** What follows a stop; the second time there is nothing left of it. */
    private fun end() {
        dropEffects()
        waiting.drain()
        stepCall.drop()
        asks.rejectAll(stopped.get())
    }

    private fun firstInputs(): List<WaitingInput> =
        listOfNotNull(parts.started?.let(WaitingInput::of), conditions?.let(WaitingInput::conditions))

    private fun push(input: WaitingInput) {
        waiting.push(input)
        schedule()
    }

    /** The step comes behind what was posted already, so that inputs that came together go together. */
    private fun schedule() {
        if (isScheduled) return
        isScheduled = true
        post {
            isScheduled = false
            step()
        }
    }

    private fun step() {
        val inputs = waiting.take()
        val reply = stepCall.step(inputs)
        if (stopped.get() != null) return
        when (reply) {
            is StepReply.Faulty -> {
                recover(reply.fault, inputs)
            }

            is StepReply.Effects -> {
                for (effect in reply.effects) {
                    begin(effect)
                    if (stopped.get() != null) return
                }
                if (reply.more || !waiting.isEmpty) schedule()
            }
        }
    }

    private fun recover(
        fault: Fault,
        inputs: List<WaitingInput>,
    ) {
        stepCall.drop()
        dropEffects()
        val nowMs = parts.clock.nowMs()
        // A clock that was set back puts faults into the future, where they would count for as long.
        faultTimesMs = faultTimesMs.filter { abs(nowMs - it) < FAULT_WINDOW_MS } + nowMs
        parts.onFault(fault)
        if (faultTimesMs.size >= MOST_FAULTS) return stop(RuntimeStopped(fault))
        val changes = (inputs + waiting.drain()).filter { it.kind == "changed" || it.kind == "unwatched" }
        val again = asks.again().map(WaitingInput::ask)
        (firstInputs() + changes + again).forEach(waiting::push)
        schedule()
    }

    private fun dropEffects() {
        wake.clear()
        effects.drop()
    }

    private fun begin(effect: IssuedEffect) {
        when (effect.kind) {
            "show" -> show(effect.json["view"])
            "watch" -> parts.onWatch((effect.json["roots"] as? JsonArray).orEmpty().mapNotNull(::textOf))
            "wake" -> setWake(effect)
            "cancel" -> cancel(effect)
            else -> effects.begin(effect)
        }
    }

    private fun setWake(effect: IssuedEffect) {
        val atMs = (effect.json["atMs"] as? JsonPrimitive)?.longOrNull ?: 0
        wake.set(effect.id, atMs) { id -> post { if (wake.take(id)) push(WaitingInput.answer(id, WOKEN)) } }
    }

    private fun cancel(effect: IssuedEffect) {
        val id = (effect.json["effect"] as? JsonPrimitive)?.longOrNull ?: return
        if (wake.take(id)) push(WaitingInput.answer(id, RunningEffects.CANCELLED)) else effects.cancel(id)
    }

    private fun show(view: JsonElement?) {
        if (view !is JsonObject) return
        try {
            parts.onView(view)
        } catch (unseen: ViewUnseen) {
            return stop(unseen)
        }
        asks.end(view)
    }

    companion object {
        /** So many faults within [FAULT_WINDOW_MS] stop the work (H-3). */
        const val MOST_FAULTS = 3
        const val FAULT_WINDOW_MS = 600_000L
        private const val CLOSE_MS = 30_000L
        private const val INTERRUPT_MS = 50L
        private val WOKEN = buildJsonObject { put("kind", "woken") }
    }
}

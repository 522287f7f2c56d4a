// Effects under way. Rule: an effect of an engine that was dropped is cancelled, and its answer goes nowhere (H-6).

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Runs effects on threads of their own; its methods belong to the engine's thread. */
internal class RunningEffects(
    private val performer: EffectPerformer,
    /** Takes a task to the engine's thread. */
    private val post: (() -> Unit) -> Unit,
    /** Takes the input that an effect ended with, on the engine's thread. */
    private val onEnd: (WaitingInput) -> Unit,
    private val onFault: (Fault) -> Unit,
) {
    private val running = HashMap<Long, Cancellation>()
    private val workers =
        Executors.newCachedThreadPool { work -> Thread(work, "coffre-effect").apply { isDaemon = true } }

    fun begin(effect: IssuedEffect) {
        val cancellation = Cancellation()
        running.put(effect.id, cancellation)?.cancel()
        workers.execute {
            var fault: Fault? = null
            val input =
                try {
                    WaitingInput.answer(effect.id, performer.perform(effect.json, cancellation))
                } catch (_: EffectCancelled) {
                    WaitingInput.answer(effect.id, CANCELLED)
                } catch (error: Throwable) {
                    fault = Fault("host-effect", "${effect.kind}: ${Fault.of(error).message}")
                    WaitingInput.answer(effect.id, HOST_ERROR)
                }
            post { end(effect.id, cancellation, fault, input) }
        }
    }

    /** Has the effect stop soon; its answer still comes. */
    fun cancel(id: Long) {
        running[id]?.cancel()
    }

    /** Cancels all; none of them is answered. */
    fun drop() {
        val dropped = running.values.toList()
        running.clear()
        dropped.forEach { it.cancel() }
    }

    /** Waits until the threads have ended, at most [waitMs]; from any thread, once nothing can begin any more. */
    fun close(waitMs: Long) {
        workers.shutdown()
        workers.awaitTermination(waitMs, TimeUnit.MILLISECONDS)
    }

    private fun end(
        id: Long,
        cancellation: Cancellation,
        fault: Fault?,
        input: WaitingInput,
    ) {
        if (running[id] !== cancellation) return
        running.remove(id)
        fault?.let(onFault)
        onEnd(input)
    }

    companion object {
        val CANCELLED = buildJsonObject { put("kind", "cancelled") }
        private val HOST_ERROR =
            buildJsonObject {
                put("kind", "failed")
                put("reason", "host-error")
            }
    }
}

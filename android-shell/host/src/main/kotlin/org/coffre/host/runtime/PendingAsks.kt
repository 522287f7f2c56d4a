// What was asked and has no result yet (docs/host-api.md H-11). Rule: asks of one kind end in the order in which they came.

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonObject
import java.util.concurrent.CompletableFuture

/** The asks of one runtime; used by the engine's thread alone. */
internal class PendingAsks {
    private val pending = ArrayList<Pending>()

    /** The vault that was opened: a new engine must open it again before it can go on. */
    private var opened: JsonObject? = null

    fun add(
        ask: JsonObject,
        result: CompletableFuture<JsonObject>,
    ) {
        pending += Pending(ask, result)
    }

    /** What a new engine is asked again. */
    fun again(): List<JsonObject> = listOfNotNull(opened) + pending.map { it.ask }

    /** Ends the ask that [view] is the end of, if it is one. */
    fun end(view: JsonObject) {
        val kind =
            when (textOf(view["kind"])) {
                "result" -> textOf(view["ask"])
                "status" -> "status"
                else -> return
            }
        // Backups of each mode have ends of their own.
        val mode = textOf(view["mode"])
        val at =
            pending.indexOfFirst {
                textOf(it.ask["kind"]) == kind && (mode == null || textOf(it.ask["mode"]) == mode)
            }
        if (at < 0) return
        val ended = pending.removeAt(at)
        if (kind == "open-vault" && textOf(view["outcome"]) != "failed") opened = ended.ask
        ended.result.complete(view)
    }

    /** Ends all of them with [reason]. */
    fun rejectAll(reason: Exception) {
        val rejected = pending.toList()
        pending.clear()
        rejected.forEach { it.result.completeExceptionally(reason) }
    }

    private class Pending(
        val ask: JsonObject,
        val result: CompletableFuture<JsonObject>,
    )
}

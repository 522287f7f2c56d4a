// One backup that a component asks for. Rule: each ask gets its own end, so that no job waits for ever; being stopped by the system
// is no failure.

package org.coffre.app.session

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.activity.Activity
import org.coffre.app.activity.ActivityKind
import org.coffre.app.files.MediaPlace
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/** What is looked at. */
enum class BackupMode(
    /** The word of docs/host-api.md §4. */
    val text: String,
) {
    /** Everything. */
    ONCE("once"),

    /** What waits, and what was said to have changed. */
    CHANGED("changed"),

    /** Everything, and then whatever changes, until it is stopped. */
    WATCH("watch"),
}

/** How a backup ended. */
sealed interface BackupEnd {
    /** [isComplete]: nothing waits any more. */
    data class Done(
        val isComplete: Boolean,
    ) : BackupEnd

    /** Stopped at a safe point, by whoever asked for that. */
    data object Stopped : BackupEnd

    /** [code] is one of docs/host-api.md §6. */
    data class Failed(
        val code: String,
    ) : BackupEnd

    /** The phone is not paired, is paused by its owner, or has no engine: asking again changes nothing. */
    data object Impossible : BackupEnd
}

/** A backup under way. */
class BackupRun private constructor(
    private val engine: PhoneEngine?,
    private val mode: BackupMode,
    val end: CompletableFuture<BackupEnd>,
) {
    private val isWanted = AtomicBoolean(engine != null)

    init {
        end.whenComplete { _, _ -> leave() }
    }

    /**
     * Has it end at the next safe point, unless another component wants one of the same mode too: those share a run. Whoever has
     * stopped waits for its end no more.
     */
    fun stop() {
        if (leave()) engine?.requestStop(mode.text)
    }

    /** Whether nobody is left who wants a run of this mode. */
    private fun leave(): Boolean = isWanted.compareAndSet(true, false) && wanted.getValue(mode).decrementAndGet() == 0

    companion object {
        /** How many want a run of each mode. */
        private val wanted = BackupMode.entries.associateWith { AtomicInteger() }

        fun begin(
            one: OneEngine,
            mode: BackupMode,
        ): BackupRun {
            val mayRun = one.home.readPairing() != null && !one.home.isPaused && !one.isHeld
            val state = if (mayRun) one.open() else null
            val engine = (state as? EngineState.Running)?.engine
            if (engine == null) return BackupRun(null, mode, CompletableFuture.completedFuture(BackupEnd.Impossible))
            val ask =
                buildJsonObject {
                    put("kind", "backup")
                    put("mode", mode.text)
                }
            wanted.getValue(mode).incrementAndGet()
            val end =
                engine.ask(ask).handle { result, error ->
                    endOf(result, error).also { one.activity.add(activityOf(it, result)) }
                }
            return BackupRun(engine, mode, end)
        }

        /** The same, of what is new among the media: the platform says only that there is something. */
        fun beginWithMedia(one: OneEngine): CompletableFuture<BackupRun> {
            val engine = (one.open() as? EngineState.Running)?.engine
            if (one.home.readPairing() == null || engine == null) {
                return CompletableFuture.completedFuture(begin(one, BackupMode.CHANGED))
            }
            return engine.ask("roots").handle { view, _ ->
                for (root in (view?.get("roots") as? JsonArray).orEmpty()) {
                    val locator = (root as? JsonObject)?.text("locator")
                    if (locator != null && MediaPlace.isLocator(locator)) engine.tellChanged(locator)
                }
                begin(one, BackupMode.CHANGED)
            }
        }

        private fun activityOf(
            end: BackupEnd,
            result: JsonObject?,
        ): Activity {
            val counts = result?.get("counts") as? JsonObject
            val files = counts?.text("filesSynced")?.toLongOrNull() ?: 0
            val kind =
                when (end) {
                    is BackupEnd.Done -> if (end.isComplete) ActivityKind.DONE else ActivityKind.WAITING
                    BackupEnd.Stopped -> ActivityKind.STOPPED
                    is BackupEnd.Failed, BackupEnd.Impossible -> ActivityKind.FAILED
                }
            val code =
                (end as? BackupEnd.Failed)?.code ?: if (kind == ActivityKind.WAITING) mainReason(counts) else null
            return Activity(
                System.currentTimeMillis(),
                kind,
                code,
                result?.text("bytesSent")?.toLongOrNull() ?: 0,
                files,
            )
        }

        /** Why most of what waits does. */
        private fun mainReason(counts: JsonObject?): String? =
            (counts?.get("waiting") as? JsonArray)
                .orEmpty()
                .filterIsInstance<JsonObject>()
                .maxByOrNull { it.text("files")?.toLongOrNull() ?: 0 }
                ?.text("reason")

        private fun endOf(
            result: JsonObject?,
            error: Throwable?,
        ): BackupEnd {
            val code = result?.text("code")
            return when {
                error != null || result == null -> BackupEnd.Failed("host-error")
                code == "user-stopped" -> BackupEnd.Stopped
                result.text("outcome") == "failed" -> BackupEnd.Failed(code ?: "host-error")
                else -> BackupEnd.Done(result.text("outcome") == "ok")
            }
        }
    }
}

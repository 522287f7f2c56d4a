// The engine's view `status` (docs/host-api.md §5) as what a screen shows. Rule: a number or a name that is not there is none, and
// nothing is made up in its place.

package org.coffre.app.screens

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import org.coffre.app.session.EngineState
import org.coffre.app.session.OneEngine
import org.coffre.app.session.Policy
import org.coffre.app.session.text
import org.coffre.host.ports.ServerAddress
import java.util.concurrent.ExecutionException

/** Asks the engine how it is. Not on the main thread. */
internal fun readStatus(one: OneEngine): BackupStatus {
    val isPaused = one.home.isPaused
    val engine =
        when (val state = one.open()) {
            is EngineState.Running -> state.engine
            else -> return BackupStatus(isPaused = isPaused, trouble = troubleOf(state))
        }
    val view =
        try {
            engine.ask("status").get()
        } catch (_: ExecutionException) {
            return BackupStatus(isPaused = isPaused, trouble = Trouble.STORAGE)
        }
    return parseStatus(view).copy(isPaused = isPaused)
}

internal fun parseStatus(view: JsonObject): BackupStatus {
    val counts = view["counts"] as? JsonObject ?: JsonObject(emptyMap())
    val next = view["next"] as? JsonObject
    return BackupStatus(
        lastMs = (view["lastReceipt"] as? JsonObject)?.number("timeMs"),
        filesSynced = counts.number("filesSynced") ?: 0,
        bytesSynced = counts.number("bytesSynced") ?: 0,
        filesExcluded = counts.number("filesExcluded") ?: 0,
        waiting =
            counts.objects("waiting").mapNotNull { row ->
                row.text("reason")?.let { Waiting(it, row.number("files") ?: 0) }
            },
        sources =
            view.objects("roots").mapNotNull { row ->
                val name = row.text("name") ?: return@mapNotNull null
                Source(name, row.text("locator").orEmpty(), row.text("unavailable"), row.texts("excludes"))
            },
        files =
            view.objects("files").mapNotNull { row ->
                val reason = row.text("reason") ?: return@mapNotNull null
                WaitingFile(row.text("root").orEmpty(), row.text("path").orEmpty(), reason)
            },
        retryAtMs = next?.number("atMs")?.takeIf { next.text("what") == "retry" },
        trouble =
            when (view.text("state")) {
                "cloned" -> Trouble.CLONED
                "forked" -> Trouble.FORKED
                "revoked" -> Trouble.REVOKED
                else -> null
            },
    )
}

internal fun troubleOf(state: EngineState): Trouble? =
    when (state) {
        is EngineState.Running -> null
        EngineState.KeyGone -> Trouble.KEY_GONE
        EngineState.Damaged -> Trouble.DAMAGED
        EngineState.NoStorage -> Trouble.STORAGE
    }

/** The ask that tells the engine what its owner allows. */
internal fun formatPolicy(policy: Policy): JsonObject =
    buildJsonObject {
        put("kind", "set")
        putJsonObject("policy") {
            put("unmeteredOnly", policy.unmeteredOnly)
            put("roamingToo", policy.roamingToo)
            put("meteredBytesPerMonth", policy.meteredBytesPerMonth)
            put("chargingOnly", policy.chargingOnly)
            put("hours", policy.hours?.let { JsonArray(it.toList().map(::JsonPrimitive)) } ?: JsonNull)
        }
    }

internal fun formatServer(server: ServerAddress): JsonObject =
    buildJsonObject {
        put("url", server.url)
        server.pin?.let { put("pin", it) }
    }

private fun JsonObject.number(name: String): Long? = (this[name] as? JsonPrimitive)?.longOrNull

private fun JsonObject.texts(name: String): List<String> =
    (this[name] as? JsonArray).orEmpty().mapNotNull { (it as? JsonPrimitive)?.contentOrNull }

private fun JsonObject.objects(name: String): List<JsonObject> =
    (this[name] as? JsonArray).orEmpty().mapNotNull { it as? JsonObject }

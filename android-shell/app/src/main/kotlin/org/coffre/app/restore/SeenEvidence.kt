// What the backup has seen of the vault, for whoever reads it, and what the reader saw, for the backup: a server cannot go back in time
// unseen (docs/format.md F-93). Rule: without a running backup there is none, and nothing is made up.

package org.coffre.app.restore

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.session.EngineState
import org.coffre.app.session.OneEngine
import org.coffre.app.session.text
import java.util.concurrent.ExecutionException

/** Asks the backup's engine and tells it. Not on the main thread. */
internal class SeenEvidence(
    private val one: OneEngine,
) {
    fun recall(login: String): List<JsonPrimitive> {
        val engine = (one.open() as? EngineState.Running)?.engine ?: return emptyList()
        val ask =
            buildJsonObject {
                put("kind", "evidence")
                put("login", login)
            }
        val result =
            try {
                engine.ask(ask).get()
            } catch (_: ExecutionException) {
                return emptyList()
            }
        return (result["known"] as? JsonArray).orEmpty().filterIsInstance<JsonPrimitive>()
    }

    /** Takes a view `evidence`. */
    fun learn(view: JsonObject) {
        one.find()?.ask(
            buildJsonObject {
                put("kind", "learn")
                put("known", view.text("known").orEmpty())
            },
        )
    }
}

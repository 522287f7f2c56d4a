// What this machine has seen of vaults, kept in its home (docs/host-api.md §4, `evidence` and `learn`). Rule: readers work
// elsewhere, so they are handed what the home knows, and the home is told what they saw; the texts are the engine's.

package org.coffre.host.command

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.jvm.JdbcDatabase
import org.coffre.host.ports.DatabaseFailure
import java.io.IOException

/** What the home knows of the vaults of the login in [vault]; nothing when it has no database. */
internal fun recallEvidence(
    home: Home,
    vault: Map<String, JsonElement>,
): JsonArray {
    val ask =
        buildJsonObject {
            put("kind", "evidence")
            vault["login"]?.let { put("login", it) }
        }
    return Session.read(home, ask)?.get("known") as? JsonArray ?: JsonArray(emptyList())
}

/** Has the home learn what a reader saw, also while another process works with it. False when it could not. */
internal fun learnEvidence(
    home: Home,
    known: String,
): Boolean {
    val ask =
        buildJsonObject {
            put("kind", "learn")
            put("known", known)
        }
    return try {
        home.make()
        Session.askAside(JdbcDatabase.open(home.database), ask).text("outcome") == "ok"
    } catch (_: CommandFailed) {
        false
    } catch (_: DatabaseFailure) {
        false
    } catch (_: IOException) {
        false
    }
}

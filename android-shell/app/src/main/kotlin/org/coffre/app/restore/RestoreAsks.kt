// What a restore asks the engine, and what it hears (docs/host-api.md §4 and §5). Rule: fields alone; who asks when stands in
// RestoreModel.kt.

package org.coffre.app.restore

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import org.coffre.app.session.Pairing
import org.coffre.app.session.text

/** Places of one device, as they are, or as they were [atMs]. */
internal data class RestoreOrder(
    val device: String?,
    val places: List<VaultPlace>,
    val atMs: Long?,
)

/** Opens the vault of [pairing] with its [words], or else with the passphrase. */
internal fun formatOpening(
    pairing: Pairing,
    known: List<JsonPrimitive>,
    words: String?,
): JsonObject =
    buildJsonObject {
        put("kind", "open-vault")
        putJsonObject("server") {
            put("url", pairing.server.url)
            pairing.server.pin?.let { put("pin", it) }
        }
        put("login", pairing.login)
        put("known", JsonArray(known))
        words?.let { put("words", it) }
    }

/** Lists what is at [place] and below. */
internal fun formatList(
    place: VaultPlace,
    versions: String,
): JsonObject =
    buildJsonObject {
        put("kind", "list")
        place.device?.let { put("device", it) }
        place.root?.let { put("root", it) }
        if (place.path.isNotEmpty()) put("path", place.path)
        put("versions", versions)
    }

/** Brings [order] to [target], with the [work] on the same disk. */
internal fun formatRestore(
    order: RestoreOrder,
    target: String,
    work: String,
): JsonObject =
    buildJsonObject {
        put("kind", "restore")
        put("target", target)
        put("work", work)
        order.device?.let { put("device", it) }
        order.atMs?.let { put("at", it) }
        put("selections", JsonArray(order.places.map(::formatSelection)))
        // An older version comes beside what is there.
        put("existing", if (order.atMs == null) "skip" else "rename")
    }

private fun formatSelection(place: VaultPlace): JsonObject =
    buildJsonObject {
        put("root", place.root.orEmpty())
        put("path", place.path)
    }

/** [end] with what one more ask brought. */
internal fun addResult(
    end: RestoreEnd,
    result: JsonObject?,
): RestoreEnd =
    end.copy(
        filesRestored = end.filesRestored + (result?.number("filesRestored") ?: 0),
        bytesRestored = end.bytesRestored + (result?.number("bytesRestored") ?: 0),
        filesSkipped = end.filesSkipped + (result?.number("filesSkipped") ?: 0),
        filesFailed = end.filesFailed + (result?.number("filesFailed") ?: 0),
        code = end.code ?: if (isWhole(result)) null else codeOf(result),
    )

internal fun parseProgress(view: JsonObject) =
    RestoreProgress(
        view.text("phase").orEmpty(),
        view.number("filesDone"),
        view.number("filesTotal"),
        view.number("bytesDone"),
        view.number("bytesTotal"),
        view.text("waiting"),
    )

/** What a view `damage` says. */
internal fun parseLacking(view: JsonObject): List<Lacking> =
    (view["damage"] as? JsonArray).orEmpty().filterIsInstance<JsonObject>().map {
        Lacking(VaultPlace(it.text("device"), it.text("root"), it.text("path").orEmpty()), it.text("code").orEmpty())
    }

internal fun isWhole(result: JsonObject?): Boolean = result?.text("outcome") == "ok"

internal fun isFailed(result: JsonObject?): Boolean = result == null || result.text("outcome") == "failed"

/** Why [result] is not whole; null is an engine that broke. */
internal fun codeOf(result: JsonObject?): String = result?.text("code") ?: "host-error"

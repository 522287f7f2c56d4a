// Which file carries out which effect (docs/host-api.md §3). Rule: nothing is decided here.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.plane.BodyBuffers
import org.coffre.host.plane.ByteBudget
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.Files
import org.coffre.host.ports.Http
import org.coffre.host.ports.Secrets
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.EffectPerformer

/** What a platform brings for effects. */
class WorkshopPorts(
    val files: Files,
    val http: Http,
    val secrets: Secrets,
    val crypto: CryptoProvider,
    val passphrases: PassphraseSource,
)

/** Carries out effects for as long as a host runs; several at once. */
class Workshop(
    private val ports: WorkshopPorts,
    budget: ByteBudget = ByteBudget.forHeap(Runtime.getRuntime().maxMemory()),
) : EffectPerformer,
    AutoCloseable {
    private val slots = Slots(ports.secrets, ports.crypto)
    private val sealing = Sealing(ports.crypto)
    private val hashed = HashedBytes(budget.ringBytes)
    private val buffers = BodyBuffers(budget.bodies)
    private val lane = Lane()
    private val keys = KeyEffects(slots, sealing, hashed, ports.passphrases)
    private val scan = ScanEffect(ports.files, FolderListings())
    private val hash = HashEffect(ports.files, slots, sealing, hashed)
    private val upload = UploadEffect(ports.files, ports.http, slots, sealing, hashed, buffers, lane)
    private val download = DownloadEffect(ports.files, ports.http, slots, sealing, buffers)

    override fun perform(
        effect: JsonObject,
        cancellation: Cancellation,
    ): JsonObject {
        cancellation.check()
        return when (effect.text("kind")) {
            "scan" -> scan.perform(effect, cancellation)
            "hash" -> lane.run(cancellation) { hash.perform(effect, cancellation) }
            "upload" -> upload.perform(effect, cancellation)
            "download" -> download.perform(effect, cancellation)
            "seal" -> keys.seal(effect)
            "open" -> keys.open(effect)
            "derive" -> keys.derive(effect)
            "secret" -> keys.keepSecret(effect)
            "finish-file" -> finishFiles(ports.files, effect, cancellation)
            "request" -> performRequest(ports.http, effect, cancellation)
            else -> answer("failed", "reason" to json("host-unsupported"))
        }
    }

    /** Closes connections and overwrites keys. */
    override fun close() {
        ports.http.close()
        slots.close()
    }
}

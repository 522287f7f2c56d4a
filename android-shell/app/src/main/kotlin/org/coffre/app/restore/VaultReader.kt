// The engine in the role `restore`: it reads a vault in a Store of its own, beside that of the backup (docs/host-api.md H-34). Rule:
// the keys that open a vault are in memory only, and what is opened here is closed here, in the reverse order.

package org.coffre.app.restore

import android.content.Context
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.files.PhoneFiles
import org.coffre.app.ports.GuardedHttp
import org.coffre.app.ports.PhoneConditions
import org.coffre.app.ports.PhoneDatabase
import org.coffre.app.ports.TypedPassphrase
import org.coffre.host.effects.Workshop
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.jvm.OkHttp
import org.coffre.host.jvm.SystemClock
import org.coffre.host.ports.Secrets
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsFactory
import org.coffre.host.store.StoreDatabase
import java.io.File
import java.io.IOException
import java.util.concurrent.CompletableFuture

/** Slots that end with the process: whoever reads a vault says the passphrase each time. */
private class MemorySecrets : Secrets {
    private val slots = HashMap<String, ByteArray>()

    @Synchronized
    override fun find(slot: String): ByteArray? = slots[slot]

    @Synchronized
    override fun write(
        slot: String,
        bytes: ByteArray,
    ) {
        slots.put(slot, bytes)?.fill(0)
    }

    @Synchronized
    override fun erase(slot: String) {
        slots.remove(slot)?.fill(0)
    }

    @Synchronized
    override fun close() {
        for (bytes in slots.values) bytes.fill(0)
        slots.clear()
    }
}

/** A running reader over [folder]. Any thread. */
internal class VaultReader private constructor(
    context: Context,
    private val folder: File,
    onView: (JsonObject) -> Unit,
) : AutoCloseable {
    /** Where a screen puts the passphrase. */
    val passphrase = TypedPassphrase()

    private val ports =
        WorkshopPorts(PhoneFiles(context), GuardedHttp(OkHttp()), MemorySecrets(), JcaCryptoProvider(null), passphrase)
    private val workshop = Workshop(ports)
    private val store = StoreDatabase(PhoneDatabase.open(File(folder, "index.db")))
    private val runtime =
        HostRuntime(
            RuntimeParts(
                engines = QuickJsFactory(EngineScript.read()),
                store = store,
                clock = SystemClock(),
                started =
                    buildJsonObject {
                        put("kind", "started")
                        put("role", "restore")
                        put("ownFolders", JsonArray(listOf(JsonPrimitive(context.dataDir.path))))
                        put("software", "coffre-android")
                    },
                performer = workshop,
                onView = onView,
            ),
        )
    private val conditions = PhoneConditions(context)
    private val observation = conditions.observe(runtime::setConditions)

    init {
        runtime.start(conditions.read())
    }

    /** Asks the engine (docs/host-api.md §4). */
    fun ask(ask: JsonObject): CompletableFuture<JsonObject> = runtime.ask(ask)

    /** Has it end what it does at the next safe point. */
    fun requestStop() = runtime.requestStop()

    override fun close() {
        observation.close()
        runtime.close()
        store.close()
        workshop.close()
        passphrase.forget()
    }

    /** Removes the index, which holds names in clear. After [close]. */
    fun erase() {
        folder.deleteRecursively()
    }

    companion object {
        /** Opens a reader in the app's own storage. Throws DatabaseDamaged, DatabaseFailure or IOException when that cannot be. */
        fun open(
            context: Context,
            onView: (JsonObject) -> Unit,
        ): VaultReader {
            val folder = File(context.noBackupFilesDir, "reader")
            // What a process left that was ended; the server has it all.
            folder.deleteRecursively()
            if (!folder.mkdirs()) throw IOException("the folder of the reader cannot be made")
            return VaultReader(context, folder, onView)
        }
    }
}

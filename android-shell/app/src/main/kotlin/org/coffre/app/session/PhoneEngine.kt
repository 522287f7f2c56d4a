// The engine with everything that it works with on a phone. Rule: what is opened here is closed here, in the reverse order; and
// there is one of it, in the app's only process.

package org.coffre.app.session

import android.content.Context
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.files.PhoneFiles
import org.coffre.app.ports.GuardedHttp
import org.coffre.app.ports.KeystoreSecrets
import org.coffre.app.ports.PhoneConditions
import org.coffre.app.ports.PhoneDatabase
import org.coffre.app.ports.PhoneTreeWatch
import org.coffre.app.ports.TypedPassphrase
import org.coffre.host.effects.Watch
import org.coffre.host.effects.Workshop
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.jvm.OkHttp
import org.coffre.host.jvm.SystemClock
import org.coffre.host.runtime.Fault
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RootsToRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsFactory
import org.coffre.host.store.StoreDatabase
import java.util.concurrent.CompletableFuture

/** Who hears of an engine; on its own thread, and never to wait for it. */
interface EngineListener {
    fun shown(view: JsonObject)

    fun failed(fault: Fault)
}

/** A running engine. Any thread. */
class PhoneEngine private constructor(
    context: Context,
    secrets: KeystoreSecrets,
    database: PhoneDatabase,
    listener: EngineListener,
) : AutoCloseable {
    /** Where a screen puts the passphrase that the next ask needs. */
    val passphrase = TypedPassphrase()

    private val clock = SystemClock()
    private val workshop =
        Workshop(
            // The platform's own cryptography: it is native, and fast.
            WorkshopPorts(PhoneFiles(context), GuardedHttp(OkHttp()), secrets, JcaCryptoProvider(null), passphrase),
        )
    private val store = StoreDatabase(database)
    private val watch = Watch(PhoneTreeWatch(context), clock, RootsToRuntime { runtime })
    private val runtime: HostRuntime =
        HostRuntime(
            RuntimeParts(
                engines = QuickJsFactory(EngineScript.read()),
                store = store,
                clock = clock,
                started = formatStarted(context),
                performer = workshop,
                onView = listener::shown,
                onWatch = watch::set,
                onFault = listener::failed,
            ),
        )
    private val conditions = PhoneConditions(context)
    private val observation = conditions.observe(runtime::setConditions)

    init {
        runtime.start(conditions.read())
    }

    /** Asks the engine (docs/host-api.md §4); each ask gets a result of its own. */
    fun ask(ask: JsonObject): CompletableFuture<JsonObject> = runtime.ask(ask)

    /** Asks without fields. */
    fun ask(kind: String): CompletableFuture<JsonObject> = ask(buildJsonObject { put("kind", kind) })

    /** Says that something below a root changed, nobody knows where. */
    fun tellChanged(locator: String) = runtime.tellChanged(locator, null)

    /** Has the engine end what it does at the next safe point, or the backups of one mode alone. */
    fun requestStop(mode: String? = null) = runtime.requestStop(mode)

    override fun close() {
        observation.close()
        // Before the watch: an effect that comes last would observe roots again.
        runtime.close()
        watch.close()
        store.close()
        workshop.close()
    }

    companion object {
        /**
         * Opens the engine over [home]. Throws DeviceKeyGone, DatabaseDamaged, DatabaseFailure or IOException when that
         * cannot be.
         */
        fun open(
            context: Context,
            home: Home,
            listener: EngineListener,
        ): PhoneEngine {
            home.make()
            val secrets = KeystoreSecrets(home.slots)
            // Before the engine looks for them: an engine that finds no keys would say less than what is known here.
            secrets.verify()
            return PhoneEngine(context, secrets, PhoneDatabase.open(home.database), listener)
        }

        private fun formatStarted(context: Context): JsonObject {
            val own = listOfNotNull(context.dataDir.path, context.getExternalFilesDir(null)?.path)
            val version = context.packageManager.getPackageInfo(context.packageName, 0).versionName
            return buildJsonObject {
                put("kind", "started")
                put("role", "backup")
                put("ownFolders", JsonArray(own.map(::JsonPrimitive)))
                put("software", "coffre-android/$version")
            }
        }
    }
}

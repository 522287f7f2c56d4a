// A running engine over a home. Rule: what is opened here is closed here, in the reverse order, however the command ends.

package org.coffre.jvm.driver

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.Watch
import org.coffre.host.effects.Workshop
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.effects.markOwnFolder
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.jvm.OWNER_FOLDER
import org.coffre.host.jvm.OkHttp
import org.coffre.host.jvm.SystemClock
import org.coffre.host.ports.CurrentConditions
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RootsToRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsFactory
import org.coffre.host.store.StoreDatabase
import org.coffre.jvm.JdbcDatabase
import org.coffre.jvm.JvmTreeWatch
import org.coffre.jvm.KeyFile
import org.coffre.jvm.chooseCrypto
import org.coffre.jvm.ownLocator
import java.nio.file.Files
import java.nio.file.Path

/** Plugged in and online, as far as anyone can tell. */
private val CONDITIONS = CurrentConditions(CurrentConditions.Network.UNMETERED, charging = true, utcOffsetMinutes = 0)

/** An engine with everything real. */
internal class Session private constructor(
    home: Path,
    role: String,
    passphrases: PassphraseSource,
    onView: (JsonObject) -> Unit,
) : AutoCloseable {
    /** The locator of the home. */
    val ownFolder: String = ownLocator(home)
    private val clock = SystemClock()
    private val workshop =
        Workshop(WorkshopPorts(JvmFiles(), OkHttp(), KeyFile(home.resolve("keys.json")), chooseCrypto(), passphrases))
    private val store = StoreDatabase(JdbcDatabase.open(home.resolve("state.db")))
    private val watch = Watch(JvmTreeWatch, clock, RootsToRuntime { runtime })
    private val runtime: HostRuntime =
        HostRuntime(
            RuntimeParts(
                engines = QuickJsFactory(EngineScript.read()),
                store = store,
                clock = clock,
                started =
                    buildJsonObject {
                        put("kind", "started")
                        put("role", role)
                        put("ownFolders", JsonArray(listOf(JsonPrimitive(ownFolder))))
                        put("software", "coffre-jvm")
                    },
                performer = workshop,
                onView = onView,
                onWatch = watch::set,
                onFault = { (code, message) -> print("trouble", mapOf("message" to JsonPrimitive("$code: $message"))) },
            ),
        )

    /** Asks, and gives the view that ends the ask. Throws an ExecutionException when the runtime stopped. */
    fun ask(ask: JsonObject): JsonObject = runtime.ask(ask).get()

    override fun close() {
        // Before the watch: an effect that comes last would observe roots again.
        runtime.close()
        watch.close()
        store.close()
        workshop.close()
    }

    companion object {
        /** Runs [work] with an engine over [home], a folder that is made when it is missing. */
        fun <T> use(
            home: Path,
            role: String,
            passphrases: PassphraseSource,
            onView: (JsonObject) -> Unit = {},
            work: (Session) -> T,
        ): T {
            Files.createDirectories(home, OWNER_FOLDER)
            markOwnFolder(home.toFile())
            return Session(home, role, passphrases, onView).use {
                it.runtime.start(CONDITIONS)
                work(it)
            }
        }
    }
}

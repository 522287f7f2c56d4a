// A command's engine, with everything that it works with. Rule: what is opened here is closed here, in the reverse order,
// however the command ends.

package org.coffre.host.command

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.Watch
import org.coffre.host.effects.Workshop
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.DesktopConditions
import org.coffre.host.jvm.JdbcDatabase
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.jvm.JvmTreeWatch
import org.coffre.host.jvm.KeyFile
import org.coffre.host.jvm.KeysUnreadable
import org.coffre.host.jvm.OkHttp
import org.coffre.host.jvm.SystemClock
import org.coffre.host.jvm.chooseCrypto
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.runtime.EffectPerformer
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RootsToRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.runtime.RuntimeStopped
import org.coffre.host.runtime.ViewUnseen
import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsFactory
import org.coffre.host.store.StoreDatabase
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException

/** What a session needs to know. [onView] and [onTrouble] come on the engine's thread. */
internal class SessionParts(
    val home: Home,
    val role: String,
    val passphrases: PassphraseSource,
    val onView: (JsonObject) -> Unit,
    val onTrouble: (String) -> Unit,
)

/** A running engine over a locked home. */
internal class Session private constructor(
    parts: SessionParts,
    ownFolder: String,
) : AutoCloseable {
    private val clock = SystemClock()
    private val workshop = openWorkshop(parts)
    private val store = openStore(parts.home) { workshop.close() }
    private val watch = Watch(JvmTreeWatch, clock, RootsToRuntime { runtime })
    private val runtime: HostRuntime =
        HostRuntime(
            RuntimeParts(
                engines = QuickJsFactory(EngineScript.read()),
                store = store,
                clock = clock,
                started = formatStarted(parts.role, ownFolder),
                performer = workshop,
                onView = parts.onView,
                onWatch = watch::set,
                onFault = { (code, message) -> parts.onTrouble("$code: $message") },
            ),
        )
    private val conditions = DesktopConditions(clock)
    private val observation = conditions.observe(runtime::setConditions)

    init {
        runtime.start(conditions.read())
    }

    /** Asks, and gives the view that ends the ask. */
    fun ask(ask: JsonObject): JsonObject = await(runtime.ask(ask))

    /** Asks, and throws a [CommandFailed] when the ask failed. */
    fun must(ask: JsonObject): JsonObject {
        val ended = ask(ask)
        if (ended.text("outcome") == "failed") throw CommandFailed.of(ended.text("code"))
        return ended
    }

    /** Has the engine end what it does at the next safe point. */
    fun requestStop() = runtime.requestStop()

    override fun close() {
        observation.close()
        // Before the watch: an effect that comes last would observe roots again.
        runtime.close()
        watch.close()
        store.close()
        workshop.close()
    }

    companion object {
        /** Runs [work] with a running engine over the locked home. */
        fun <T> use(
            parts: SessionParts,
            work: (Session) -> T,
        ): T {
            val ownFolder = parts.home.make()
            return parts.home.lock().use { Session(parts, ownFolder).use(work) }
        }

        /** Asks for what needs no write, without locking the home, also while another process works with it; null when it has no database. */
        fun read(
            home: Home,
            ask: JsonObject,
        ): JsonObject? {
            val database = JdbcDatabase.openToRead(home.database) ?: return null
            return askAside(database, ask)
        }

        /** One ask of an engine that is told nothing else, over a [database] that is closed after it. */
        fun askAside(
            database: JdbcDatabase,
            ask: JsonObject,
        ): JsonObject =
            StoreDatabase(database).use { store ->
                val nothing = EffectPerformer { _, _ -> JsonObject(mapOf("kind" to JsonPrimitive("failed"))) }
                val parts =
                    RuntimeParts(QuickJsFactory(EngineScript.read()), store, SystemClock(), started = null, nothing)
                HostRuntime(parts).use { await(it.ask(ask)) }
            }

        private fun await(result: CompletableFuture<JsonObject>): JsonObject =
            try {
                result.get()
            } catch (error: ExecutionException) {
                if (error.cause is ViewUnseen) throw CommandFailed(WORDS_UNSEEN, WORDS_UNSEEN_TEXT)
                val stopped = error.cause as? RuntimeStopped ?: throw error
                val (code, message) = stopped.fault
                if (code in FAILURE_WORDS) throw CommandFailed.of(code)
                val words = "Coffre broke off after the same fault three times ($code: $message). Please report this."
                throw CommandFailed(code, words)
            }

        private fun openWorkshop(parts: SessionParts): Workshop {
            val secrets =
                try {
                    KeyFile(parts.home.keys)
                } catch (_: KeysUnreadable) {
                    throw CommandFailed(
                        "host-error",
                        "The file keys.json of this home cannot be read, or a newer Coffre wrote it: restore it, or " +
                            "pair anew in another home.",
                    )
                }
            return Workshop(WorkshopPorts(JvmFiles(), OkHttp(), secrets, chooseCrypto(), parts.passphrases))
        }

        private fun openStore(
            home: Home,
            onFailure: () -> Unit,
        ): StoreDatabase =
            try {
                StoreDatabase(JdbcDatabase.open(home.database))
            } catch (error: Exception) {
                onFailure()
                if (error !is DatabaseFailure && error !is IOException) throw error
                throw CommandFailed(
                    "host-error",
                    "The database of this home cannot be opened: check the disk's space and the folder's permissions.",
                )
            }

        private fun formatStarted(
            role: String,
            ownFolder: String,
        ): JsonObject =
            buildJsonObject {
                put("kind", "started")
                put("role", role)
                put("ownFolders", jsonTexts(listOf(ownFolder)))
                put("software", "coffre-jvm/$VERSION")
            }
    }
}

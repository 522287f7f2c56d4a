// What is backed up, and when it may be. Rule: the engine has the list; what is changed here is asked of it, and a refusal is shown.

package org.coffre.app.screens

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.files.mediaLocator
import org.coffre.app.session.EngineState
import org.coffre.app.session.OneEngine
import org.coffre.app.session.PhoneEngine
import org.coffre.app.session.Policy
import org.coffre.app.session.text
import java.util.concurrent.Executor

/** Changes [current] and the engine for what is done with folders and rules. */
internal class SourcesModel(
    private val one: OneEngine,
    private val work: Executor,
    private val current: MutableStateFlow<AppState>,
    private val refresh: () -> Unit,
    private val begun: () -> Unit,
) : SourceActions {
    override fun choose(folder: String) =
        current.update { it.copy(chosen = if (folder in it.chosen) it.chosen - folder else it.chosen + folder) }

    override fun begin() =
        work.execute {
            whenOpen { engine ->
                val known =
                    current.value.status.sources
                        .map { it.locator }
                for (folder in current.value.chosen) {
                    val locator = mediaLocator(folder)
                    if (locator !in known) change(engine, formatRoot(folder, locator, emptyList()))
                }
                engine.ask(formatPolicy(one.home.readPolicy()))
            }
            begun()
        }

    /** Adds a folder that the owner picked. */
    fun addFolder(
        name: String,
        locator: String,
    ) = work.execute { whenOpen { change(it, formatRoot(name, locator, emptyList())) } }

    override fun remove(name: String) =
        work.execute {
            val ask =
                buildJsonObject {
                    put("kind", "remove-root")
                    put("name", name)
                }
            whenOpen { change(it, ask) }
        }

    override fun exclude(
        source: Source,
        patterns: List<String>,
    ) = work.execute { whenOpen { change(it, formatRoot(source.name, source.locator, patterns)) } }

    override fun setPolicy(policy: Policy) =
        work.execute {
            one.home.writePolicy(policy)
            whenOpen { change(it, formatPolicy(policy)) }
        }

    private fun change(
        engine: PhoneEngine,
        ask: JsonObject,
    ) {
        engine.ask(ask).whenComplete { result, _ ->
            val isDone = result != null && result.text("outcome") != "failed"
            if (!isDone) current.update { it.copy(failure = result?.text("code") ?: "host-error") }
            refresh()
        }
    }

    /** Runs [use] with the engine, or says why there is none. */
    private fun whenOpen(use: (PhoneEngine) -> Unit) {
        when (val state = one.open()) {
            is EngineState.Running -> use(state.engine)
            else -> current.update { it.copy(status = it.status.copy(trouble = troubleOf(state))) }
        }
    }

    private fun formatRoot(
        name: String,
        locator: String,
        excludes: List<String>,
    ) = buildJsonObject {
        put("kind", "add-root")
        put("name", name)
        put("locator", locator)
        put("excludes", JsonArray(excludes.map(::JsonPrimitive)))
    }
}

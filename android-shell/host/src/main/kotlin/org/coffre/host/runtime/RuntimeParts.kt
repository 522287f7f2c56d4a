// What a runtime works with, and whom it tells. Rule: types alone; HostRuntime.kt has the loop.

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.Clock
import org.coffre.host.script.ScriptEngineFactory
import org.coffre.host.store.StoreDatabase

/** The parts of a runtime. Its callbacks come on the engine's thread, one at a time; they must not wait for the runtime. */
class RuntimeParts(
    val engines: ScriptEngineFactory,
    val store: StoreDatabase,
    val clock: Clock,
    /** The input `started`; null for a reader, which only asks for `status` and `roots`. */
    val started: JsonObject?,
    val performer: EffectPerformer,
    /** Told of each view that the engine shows. Nothing that comes after it begins before this returns; a [ViewUnseen] stops. */
    val onView: (JsonObject) -> Unit = {},
    /** Told which locators to observe, and no others. */
    val onWatch: (List<String>) -> Unit = {},
    /** Told of each fault: a step that was undone, or an effect that broke in the host. */
    val onFault: (Fault) -> Unit = {},
)

/** A view that a person had to get could not be shown: the work ends there, as after a kill (H-33). */
class ViewUnseen : Exception("a view could not be shown")

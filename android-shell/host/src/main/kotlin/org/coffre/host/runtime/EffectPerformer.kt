// The seam between the step loop and the effects. Rule: expected outcomes are answers, never exceptions.

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonObject

/** Carries out effects: any but `show`, `watch`, `wake` and `cancel`, which the runtime does itself. */
fun interface EffectPerformer {
    /**
     * Carries out [effect] on a worker thread and returns its answer as docs/host-api.md §3 has it, with its `kind`. Throws
     * [EffectCancelled] when [cancellation] came first; whatever else is thrown becomes `failed` with `host-error`.
     */
    fun perform(
        effect: JsonObject,
        cancellation: Cancellation,
    ): JsonObject
}

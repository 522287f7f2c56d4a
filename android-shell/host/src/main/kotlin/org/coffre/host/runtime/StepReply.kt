// The answer of a step, read (docs/host-api.md H-2). Rule: what is not of this form is a fault, before anything is committed.

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.longOrNull

/** One effect: its id and kind, and all that it says. */
internal class IssuedEffect(
    val id: Long,
    val kind: String,
    val json: JsonObject,
)

internal sealed interface StepReply {
    class Effects(
        val effects: List<IssuedEffect>,
        val more: Boolean,
    ) : StepReply

    class Faulty(
        val fault: Fault,
    ) : StepReply

    companion object {
        /** Reads what `handle` gave; never throws. */
        fun parse(text: String): StepReply =
            read(text) ?: Faulty(Fault("host-error", "the engine's answer has another form"))

        private fun read(text: String): StepReply? {
            val reply = parseJsonObject(text) ?: return null
            if ("fault" in reply) return readFault(reply["fault"])
            val effects = (reply["effects"] as? JsonArray)?.map { readEffect(it) ?: return null } ?: return null
            return Effects(effects, (reply["more"] as? JsonPrimitive)?.booleanOrNull ?: return null)
        }

        private fun readFault(json: JsonElement?): StepReply? {
            val fault = json as? JsonObject ?: return null
            return Faulty(Fault(textOf(fault["code"]) ?: return null, textOf(fault["message"]) ?: return null))
        }

        private fun readEffect(json: JsonElement): IssuedEffect? {
            val effect = json as? JsonObject ?: return null
            val id = (effect["id"] as? JsonPrimitive)?.takeIf { !it.isString }?.longOrNull ?: return null
            return IssuedEffect(id, textOf(effect["kind"]) ?: return null, effect)
        }
    }
}

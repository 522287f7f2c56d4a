// Inputs on their way to the engine. Rule: as many as one message holds go together, in the order in which they came.

package org.coffre.host.runtime

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.ports.CurrentConditions

/** One input (docs/host-api.md §2) as text. Throws [RefusedEffect] for one that no message can hold. */
internal class WaitingInput(
    val kind: String,
    val text: String,
) {
    init {
        if (text.length > MOST_CHARS) throw RefusedEffect("expected a shorter input")
    }

    companion object {
        /** Room for what stands around the inputs of a message: time, entropy, punctuation. */
        const val FRAME_CHARS = 512
        private const val MOST_CHARS = MESSAGE_CHARS - FRAME_CHARS

        fun of(input: JsonObject) = WaitingInput(textOf(input["kind"]).orEmpty(), formatAsciiJson(input))

        fun ask(ask: JsonObject) =
            of(
                buildJsonObject {
                    put("kind", "ask")
                    put("ask", ask)
                },
            )

        /** Folders that no message can hold are told as "anywhere": a change must not get lost. */
        fun changed(
            root: String,
            folders: List<String>?,
        ): WaitingInput {
            val text = formatChanged(root, folders)
            return WaitingInput("changed", if (text.length <= MOST_CHARS) text else formatChanged(root, null))
        }

        fun unwatched(
            root: String,
            isUnwatched: Boolean,
        ) = of(
            buildJsonObject {
                put("kind", "unwatched")
                put("root", root)
                put("unwatched", isUnwatched)
            },
        )

        fun conditions(now: CurrentConditions) =
            of(
                buildJsonObject {
                    put("kind", "conditions")
                    put("network", now.network.text)
                    put("charging", now.charging)
                    put("utcOffsetMinutes", now.utcOffsetMinutes)
                },
            )

        /** [answer] to the effect [id], or the failure that says it was too large. */
        fun answer(
            id: Long,
            answer: JsonObject,
        ): WaitingInput {
            val text = formatAsciiJson(answer)
            val taken = if (text.length <= ANSWER_CHARS) text else TOO_LARGE
            return WaitingInput("answer", """{"kind":"answer","effect":$id,"answer":$taken}""")
        }

        private fun formatChanged(
            root: String,
            folders: List<String>?,
        ): String =
            formatAsciiJson(
                buildJsonObject {
                    put("kind", "changed")
                    put("root", root)
                    put("folders", folders?.let { paths -> JsonArray(paths.map(::JsonPrimitive)) } ?: JsonNull)
                },
            )

        private const val TOO_LARGE = """{"kind":"failed","reason":"host-answer-too-large"}"""
    }
}

/** The queue of inputs of one runtime; used by the engine's thread alone. */
internal class WaitingInputs {
    private val waiting = ArrayDeque<WaitingInput>()

    val isEmpty: Boolean get() = waiting.isEmpty()

    fun push(input: WaitingInput) {
        waiting += input
    }

    /** Takes as many inputs as one message holds. */
    fun take(): List<WaitingInput> {
        var chars = WaitingInput.FRAME_CHARS
        val taken = ArrayList<WaitingInput>()
        while (taken.size < MOST_INPUTS && waiting.isNotEmpty()) {
            chars += waiting.first().text.length + 1
            if (taken.isNotEmpty() && chars > MESSAGE_CHARS) break
            taken += waiting.removeFirst()
        }
        return taken
    }

    /** Empties the queue; what was in it comes back. */
    fun drain(): List<WaitingInput> = waiting.toList().also { waiting.clear() }

    private companion object {
        const val MOST_INPUTS = 64
    }
}

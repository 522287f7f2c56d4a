// One step: a transaction around one call of the engine (docs/host-api.md H-2, H-3). Rule: it is committed when its effects
// come back, and undone otherwise.

package org.coffre.host.runtime

import org.coffre.host.script.ScriptEngine
import java.security.SecureRandom
import java.util.Base64

/** Makes the steps of one runtime, and the engine that they need; used by the engine's thread alone. */
internal class StepCall(
    private val parts: RuntimeParts,
) {
    private val random = SecureRandom()

    @Volatile
    private var engine: ScriptEngine? = null

    /** Hands [inputs] over in a transaction; whatever goes wrong is the reply's fault. */
    fun step(inputs: List<WaitingInput>): StepReply =
        try {
            handle(inputs)
        } catch (error: Exception) {
            StepReply.Faulty(Fault.of(error))
        } catch (error: VirtualMachineError) {
            StepReply.Faulty(Fault.of(error))
        }

    /** Ends the step that runs, soon; from any thread. */
    fun interrupt() {
        engine?.interrupt()
    }

    /** Closes the engine; the next step has a new one. */
    fun drop() {
        val dropped = engine
        engine = null
        dropped?.close()
    }

    private fun handle(inputs: List<WaitingInput>): StepReply {
        val store = parts.store
        var isCommitted = false
        store.begin()
        try {
            val running = engine ?: parts.engines.create(store.port).also { engine = it }
            val answer = running.handle(formatMessage(inputs))
            if (answer.length > MESSAGE_CHARS) return StepReply.Faulty(TOO_LONG)
            val reply = StepReply.parse(answer)
            if (reply is StepReply.Effects) {
                store.commit()
                isCommitted = true
            }
            return reply
        } finally {
            if (!isCommitted) store.rollback()
        }
    }

    private fun formatMessage(inputs: List<WaitingInput>): String {
        val entropy = Base64.getEncoder().encodeToString(ByteArray(ENTROPY_BYTES).also(random::nextBytes))
        return StringBuilder()
            .append("""{"now":""")
            .append(parts.clock.nowMs())
            .append(""","monotonicMs":""")
            .append(parts.clock.monotonicMs())
            .append(""","entropy":"""")
            .append(entropy)
            .append("""","inputs":[""")
            .apply { inputs.joinTo(this, ",") { it.text } }
            .append("]}")
            .toString()
    }

    private companion object {
        const val ENTROPY_BYTES = 64
        val TOO_LONG = Fault("host-error", "the engine's message is too long")
    }
}

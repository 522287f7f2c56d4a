// What stands between a script and the Store. Rule: nothing is thrown over the border; the first fault is remembered here,
// and `handle` reports it even when the script swallowed what it saw of it.

package org.coffre.host.script

/** Guards the Store calls of one engine: budget, deadline, ASCII. Used by the owner thread alone. */
class StoreGate(
    private val limits: ScriptLimits,
    private val store: StorePort,
) {
    /** What broke in this step; null while all is well. */
    var fault: EngineFault? = null
        private set
    private var chars = 0L
    private var deadlineNs = 0L

    /** Begins a step. */
    fun open() {
        fault = null
        chars = 0
        deadlineNs = System.nanoTime() + limits.stepMs * 1_000_000
    }

    /** Makes the Store call of number [call]; null after a fault: the script then sees an Error, and [stop] ends it. */
    fun call(
        call: Int,
        text: String,
        stop: () -> Unit,
    ): String? {
        var answer: String? = null
        if (fault == null) fault = checkStep(text.length)
        if (fault == null) {
            try {
                answer = dispatch(call, text)
                fault = checkStep(answer.length)
            } catch (error: Exception) {
                fault = error as? EngineFault ?: EngineFault(EngineFault.Kind.STORE, cause = error)
            } catch (error: OutOfMemoryError) {
                fault = EngineFault(EngineFault.Kind.STORE, cause = error)
            }
        }
        if (fault == null) return answer
        stop()
        return null
    }

    private fun dispatch(
        call: Int,
        text: String,
    ): String =
        when (call) {
            RUN -> store.run(text)
            RUN_MANY -> store.runMany(text)
            ALL -> store.all(text)
            else -> throw EngineFault(EngineFault.Kind.BUDGET, "a call beyond the budget")
        }.also(::checkAscii)

    private fun checkStep(moreChars: Int): EngineFault? {
        chars += moreChars
        return when {
            chars > limits.storeChars -> {
                EngineFault(EngineFault.Kind.BUDGET, "$chars characters")
            }

            System.nanoTime() - deadlineNs > 0 -> {
                EngineFault(
                    EngineFault.Kind.INTERRUPTED,
                    "the deadline, in a Store call",
                )
            }

            else -> {
                null
            }
        }
    }

    companion object {
        const val RUN = 0
        const val RUN_MANY = 1
        const val ALL = 2

        /** Throws [EngineFault] unless [text] is ASCII without NUL, which would cut it short on its way through the JVM. */
        fun checkAscii(text: String) {
            val bad = text.indexOfFirst { it.code !in 1..0x7f }
            if (bad >= 0) throw EngineFault(EngineFault.Kind.ANSWER, "character $bad is not ASCII")
        }
    }
}

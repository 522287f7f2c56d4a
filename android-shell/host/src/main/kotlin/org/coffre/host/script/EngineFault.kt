// How a script fails. Rule: a message says what broke, never what the script held at that moment.

package org.coffre.host.script

/**
 * A step that did not end as it should; nothing of it counts. [detail] is the engine's own text, which may quote what it
 * was working on: it is for tests and for nobody's log.
 */
class EngineFault(
    val kind: Kind,
    val detail: String? = null,
    cause: Throwable? = null,
) : Exception(kind.words, cause) {
    enum class Kind(
        val words: String,
    ) {
        /** The script threw, or cannot be evaluated. */
        SCRIPT("the script failed"),

        /** The script answered with no text, text that is not ASCII, or too much of it. */
        ANSWER("the script gave no answer that can be taken"),

        /** The Store threw. */
        STORE("the Store failed under the script"),

        /** The script ran longer than a step may, or was told to end. */
        INTERRUPTED("the script was interrupted"),
        OUT_OF_MEMORY("the script needed more memory than it may have"),
        STACK_OVERFLOW("the script called itself too deeply"),

        /** More text through the Store than one step may move. */
        BUDGET("the script moved more text through the Store than a step may"),
    }
}

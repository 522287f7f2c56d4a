// What a step may use (docs/host-api.md H-5). Rule: every number names its unit and stands here alone.

package org.coffre.host.script

import org.coffre.host.runtime.MESSAGE_CHARS

/** The limits of a script engine. */
data class ScriptLimits(
    /** QuickJS alone keeps to it; V8 ends the process instead. */
    val memoryBytes: Long = 64L shl 20,
    /** About 1 KiB for each call within the script; at most half of the owner thread's own stack. */
    val stackBytes: Long = OwnerThread.STACK_BYTES / 4,
    /** The longest step, Store calls included. */
    val stepMs: Long = 10_000,
    /** The most text through the Store in a step, both ways: quickjs-kt keeps all of it until the step ends. */
    val storeChars: Long = 4L shl 20,
    /** The longest answer of a step. */
    val answerChars: Int = MESSAGE_CHARS,
)

// What Android makes of the app's work, for the screens. Rule: what Android says, and what the owner chose, stay apart.

package org.coffre.app.schedule

/** How the work in the background stands with the system. */
data class SystemState(
    /** When and why the system stopped work last, or null. */
    val lastStop: SystemStop? = null,
    /** Why what waits to be sent has not begun; empty when nothing does, or this Android does not say. */
    val heldUp: Set<SystemReason> = emptySet(),
    /** The owner wants the phone to be watched all the time. */
    val isContinuous: Boolean = false,
    /** It is watched now. */
    val isWatching: Boolean = false,
    /** Android does not end the app to save power. */
    val isExempt: Boolean = true,
) {
    /** Those of [heldUp] that tell an owner something. */
    val obstacles: Set<SystemReason> get() = heldUp - SILENT

    private companion object {
        val SILENT = setOf(SystemReason.NOT_YET, SystemReason.NOTHING_NEW, SystemReason.OTHER)
    }
}

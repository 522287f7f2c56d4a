// When and why the system stopped work last, for the screen. Rule: what cannot be written or read is nothing, and never a fault.

package org.coffre.app.schedule

import org.coffre.app.session.Home
import java.io.File
import java.io.IOException

/** The last stop. */
data class SystemStop(
    val atMs: Long,
    val reason: SystemReason,
)

/** One line in the folder of the vault. */
class StopLog(
    home: Home,
) {
    private val file = File(home.folder, "stopped")

    fun write(reason: SystemReason) {
        try {
            file.writeText("${System.currentTimeMillis()} ${reason.name}\n")
        } catch (_: IOException) {
            // The phone is full, or was never paired: the job goes on later all the same.
        }
    }

    fun read(): SystemStop? {
        val parts =
            try {
                file.readText().trim().split(' ')
            } catch (_: IOException) {
                return null
            }
        val atMs = parts.firstOrNull()?.toLongOrNull()
        val reason = SystemReason.entries.find { it.name == parts.lastOrNull() }
        return if (parts.size == 2 && atMs != null && reason != null) SystemStop(atMs, reason) else null
    }
}

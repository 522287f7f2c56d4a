// One process for each home. Rule: the kernel holds the lock for a living process only, so that nothing has to be cleaned up
// after a kill.

package org.coffre.host.jvm

import org.coffre.host.ports.DatabaseFailure
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.sql.Connection
import java.sql.SQLException
import java.util.Properties

/** A lock on a file, held until [close] or the end of the process. */
class HomeLock private constructor(
    private val connection: Connection,
) : AutoCloseable {
    override fun close() = connection.close()

    companion object {
        private const val SQLITE_BUSY = 5

        /**
         * Takes the lock, or null when a living process has it, still after [waitMs]. The file is an empty database, made when
         * it is missing. Throws [DatabaseFailure].
         */
        fun take(
            file: Path,
            waitMs: Int,
        ): HomeLock? {
            try {
                Files.createFile(file, OWNER_FILE)
            } catch (_: FileAlreadyExistsException) {
                // Another process made it, or this one did before.
            }
            val connection = org.sqlite.JDBC().connect("jdbc:sqlite:${file.toUri().toASCIIString()}", Properties())
            try {
                connection.createStatement().use {
                    it.execute("PRAGMA busy_timeout = $waitMs")
                    it.execute("BEGIN EXCLUSIVE")
                }
                return HomeLock(connection)
            } catch (error: SQLException) {
                connection.close()
                if (error.errorCode and 0xff == SQLITE_BUSY) return null
                throw DatabaseFailure(DatabaseFailure.Kind.of(error.errorCode), "the lock cannot be taken", error)
            }
        }
    }
}

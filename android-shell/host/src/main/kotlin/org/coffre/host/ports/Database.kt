// SQLite as the Store needs it (docs/host-api.md §1, H-8). Rule: one connection, one thread, and every refusal is a
// DatabaseFailure.

package org.coffre.host.ports

/** What a statement that writes says about itself. */
data class Changes(
    /** Rows that were inserted, changed or deleted. */
    val changes: Long,
    /** The row id of the last insert on this connection. */
    val lastId: Long,
)

/**
 * An open database in WAL mode with `synchronous=FULL`, foreign keys off, whose file only its owner can read. Every call
 * may throw [DatabaseFailure].
 */
interface Database : AutoCloseable {
    /** Begins a transaction; there is none under way. */
    fun begin()

    /** Ends the transaction for good; what it wrote is on stable storage when this returns. */
    fun commit()

    /** Undoes the transaction; nothing happens when there is none. */
    fun rollback()

    /** Runs one statement that may write. */
    fun run(
        sql: String,
        params: List<SqlValue>,
    ): Changes

    /** Runs one statement once for each row of parameters; the sum of the rows that changed. */
    fun runMany(
        sql: String,
        rows: List<List<SqlValue>>,
    ): Long

    /** Hands each row to [takeRow] as it is read, columns in the statement's order; what [takeRow] throws ends the reading. */
    fun all(
        sql: String,
        params: List<SqlValue>,
        takeRow: (List<SqlValue>) -> Unit,
    )

    override fun close()
}

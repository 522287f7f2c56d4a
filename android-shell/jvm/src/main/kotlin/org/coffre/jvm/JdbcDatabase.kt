// SQLite through JDBC (docs/host-api.md H-8). Rule: transactions are SQLite's own statements; JDBC's commit is never used.

package org.coffre.jvm

import org.coffre.host.jvm.OWNER_FILE
import org.coffre.host.ports.Changes
import org.coffre.host.ports.Database
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.ports.SqlValue
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.sql.Connection
import java.sql.Driver
import java.sql.PreparedStatement
import java.sql.ResultSet
import java.sql.SQLException
import java.util.Properties

/** A database over one JDBC connection to SQLite, whichever version of it. */
class JdbcDatabase private constructor(
    private val connection: Connection,
    private val begin: String,
) : Database {
    private val statements =
        object : LinkedHashMap<String, PreparedStatement>(16, 0.75f, true) {
            override fun removeEldestEntry(eldest: Map.Entry<String, PreparedStatement>): Boolean {
                if (size <= STATEMENTS) return false
                eldest.value.close()
                return true
            }
        }
    private var lastId = 0L
    private var isInTransaction = false

    override fun begin() {
        execute(begin)
        isInTransaction = true
    }

    override fun commit() {
        execute("COMMIT")
        isInTransaction = false
    }

    /** SQLite has undone some transactions by itself, such as those that met a full disk. */
    override fun rollback() {
        if (!isInTransaction) return
        isInTransaction = false
        try {
            execute("ROLLBACK")
        } catch (failure: DatabaseFailure) {
            if (isTransactionOpen()) throw failure
        }
    }

    override fun run(
        sql: String,
        params: List<SqlValue>,
    ): Changes =
        withStatement(sql) { statement ->
            val changes = change(statement, params)
            if (INSERTS.any { sql.trimStart().startsWith(it, ignoreCase = true) }) lastId = readLastId()
            Changes(changes, lastId)
        }

    override fun runMany(
        sql: String,
        rows: List<List<SqlValue>>,
    ): Long =
        withStatement(sql) { statement ->
            val changes = rows.sumOf { change(statement, it) }
            if (rows.isNotEmpty()) lastId = readLastId()
            changes
        }

    override fun all(
        sql: String,
        params: List<SqlValue>,
        takeRow: (List<SqlValue>) -> Unit,
    ) = withStatement(sql) { statement ->
        bind(statement, params)
        statement.executeQuery().use { rows ->
            val width = rows.metaData.columnCount
            while (rows.next()) takeRow(List(width) { column -> read(rows, column + 1) })
        }
    }

    override fun close() {
        statements.values.forEach { it.close() }
        statements.clear()
        connection.close()
    }

    private fun change(
        statement: PreparedStatement,
        params: List<SqlValue>,
    ): Long {
        bind(statement, params)
        if (!statement.execute()) return statement.updateCount.toLong().coerceAtLeast(0)
        statement.resultSet.close()
        return 0
    }

    private fun bind(
        statement: PreparedStatement,
        params: List<SqlValue>,
    ) {
        val count = statement.parameterMetaData.parameterCount
        if (params.size !=
            count
        ) {
            throw DatabaseFailure(DatabaseFailure.Kind.OTHER, "expected another number of parameters")
        }
        for ((index, value) in params.withIndex()) {
            when (value) {
                SqlValue.Null -> statement.setObject(index + 1, null)
                is SqlValue.Integer -> statement.setLong(index + 1, value.value)
                is SqlValue.Text -> statement.setString(index + 1, value.value)
                is SqlValue.Bytes -> statement.setBytes(index + 1, value.value)
            }
        }
    }

    private fun read(
        rows: ResultSet,
        column: Int,
    ): SqlValue =
        when (val value = rows.getObject(column)) {
            null -> SqlValue.Null
            is Int -> SqlValue.Integer(value.toLong())
            is Long -> SqlValue.Integer(value)
            is String -> SqlValue.Text(value)
            is ByteArray -> SqlValue.Bytes(value)
            else -> throw DatabaseFailure(DatabaseFailure.Kind.OTHER, "expected no real number in a row")
        }

    /** Statements are compiled once; one that failed is not used again, since the driver may not have wound it back. */
    private inline fun <T> withStatement(
        sql: String,
        work: (PreparedStatement) -> T,
    ): T =
        guarded {
            val statement = statements.getOrPut(sql) { connection.prepareStatement(sql) }
            var isDone = false
            try {
                work(statement).also { isDone = true }
            } finally {
                if (!isDone) statements.remove(sql)?.close()
            }
        }

    private fun readLastId(): Long =
        statements.getOrPut(LAST_ID) { connection.prepareStatement(LAST_ID) }.executeQuery().use { rows ->
            rows.next()
            rows.getLong(1)
        }

    private fun isTransactionOpen(): Boolean =
        try {
            execute("BEGIN")
            execute("ROLLBACK")
            false
        } catch (_: DatabaseFailure) {
            true
        }

    private fun execute(sql: String) = guarded { connection.createStatement().use { it.execute(sql) } }

    companion object {
        private const val STATEMENTS = 256
        private const val BUSY_MS = 5_000
        private const val LAST_ID = "SELECT last_insert_rowid()"
        private const val READ_ONLY_FLAG = "1"
        private val INSERTS = listOf("INSERT", "REPLACE", "WITH")

        /**
         * Opens [file], making it, readable by its owner only. One process at a time: whoever opens it holds the home. Throws
         * [DatabaseFailure]. [driver] is SQLite's; tests give an old one.
         */
        fun open(
            file: Path,
            driver: Driver = org.sqlite.JDBC(),
        ): JdbcDatabase {
            makeFile(file)
            return connect(file, driver, Properties(), "BEGIN IMMEDIATE") { connection ->
                connection.createStatement().use { statement ->
                    statement.execute("PRAGMA journal_mode = WAL")
                    statement.execute("PRAGMA synchronous = FULL")
                }
            }
        }

        /** Opens [file] for reading, while another process may be writing it; null when there is none. */
        fun openToRead(
            file: Path,
            driver: Driver = org.sqlite.JDBC(),
        ): JdbcDatabase? {
            if (!Files.exists(file)) return null
            val properties = Properties().apply { setProperty("open_mode", READ_ONLY_FLAG) }
            return connect(file, driver, properties, "BEGIN") {}
        }

        private fun connect(
            file: Path,
            driver: Driver,
            properties: Properties,
            begin: String,
            prepare: (Connection) -> Unit,
        ): JdbcDatabase =
            guarded {
                val connection = driver.connect("jdbc:sqlite:${file.toUri().toASCIIString()}", properties)
                try {
                    connection.createStatement().use { statement ->
                        statement.execute("PRAGMA busy_timeout = $BUSY_MS")
                        statement.execute("PRAGMA foreign_keys = OFF")
                    }
                    prepare(connection)
                    JdbcDatabase(connection, begin)
                } catch (error: SQLException) {
                    connection.close()
                    throw error
                }
            }

        private fun makeFile(file: Path) {
            try {
                Files.createFile(file, OWNER_FILE)
            } catch (_: FileAlreadyExistsException) {
                // It keeps the permissions that its owner gave it.
            } catch (error: java.io.IOException) {
                throw DatabaseFailure(DatabaseFailure.Kind.IO, "the database's file cannot be made", error)
            }
        }

        private inline fun <T> guarded(work: () -> T): T =
            try {
                work()
            } catch (error: SQLException) {
                val code = error.errorCode
                throw DatabaseFailure(DatabaseFailure.Kind.of(code), "SQLite refused with code $code", error)
            }
    }
}

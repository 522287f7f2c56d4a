// SQLite by android.database (docs/host-api.md H-8). Rule: transactions of the platform, its own words for every refusal, and a
// database that it calls damaged is never deleted, which is what the platform does by itself.

package org.coffre.app.ports

import android.database.Cursor
import android.database.DatabaseErrorHandler
import android.database.sqlite.SQLiteCursor
import android.database.sqlite.SQLiteDatabase
import android.database.sqlite.SQLiteDatabaseCorruptException
import android.database.sqlite.SQLiteDiskIOException
import android.database.sqlite.SQLiteException
import android.database.sqlite.SQLiteFullException
import android.database.sqlite.SQLiteProgram
import org.coffre.host.ports.Changes
import org.coffre.host.ports.Database
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.ports.SqlValue
import java.io.File

/** The database file is there, and SQLite finds no database in it. */
class DatabaseDamaged : Exception("SQLite calls the database damaged")

/** A database over the platform's SQLite. */
class PhoneDatabase private constructor(
    private val database: SQLiteDatabase,
) : Database {
    private var lastId = 0L
    private var isInTransaction = false

    override fun begin() {
        guarded { database.beginTransactionNonExclusive() }
        isInTransaction = true
    }

    override fun commit() =
        guarded {
            database.setTransactionSuccessful()
            isInTransaction = false
            database.endTransaction()
        }

    /** SQLite has undone some transactions by itself, such as those that met a full disk. */
    override fun rollback() {
        if (!isInTransaction) return
        isInTransaction = false
        try {
            guarded { database.endTransaction() }
        } catch (failure: DatabaseFailure) {
            if (database.inTransaction()) throw failure
        }
    }

    override fun run(
        sql: String,
        params: List<SqlValue>,
    ): Changes =
        guarded {
            if (isOneOf(sql, QUERIES)) {
                query(sql, params) { it.moveToLast() }
                return@guarded Changes(0, lastId)
            }
            database.compileStatement(sql).use { statement ->
                bind(statement, params)
                val changes = statement.executeUpdateDelete().toLong()
                if (isOneOf(sql, INSERTS)) lastId = readLastId()
                Changes(if (isOneOf(sql, INSERTS + CHANGES)) changes else 0, lastId)
            }
        }

    override fun runMany(
        sql: String,
        rows: List<List<SqlValue>>,
    ): Long =
        guarded {
            database.compileStatement(sql).use { statement ->
                val changes =
                    rows.sumOf { row ->
                        statement.clearBindings()
                        bind(statement, row)
                        statement.executeUpdateDelete().toLong()
                    }
                if (rows.isNotEmpty()) lastId = readLastId()
                changes
            }
        }

    override fun all(
        sql: String,
        params: List<SqlValue>,
        takeRow: (List<SqlValue>) -> Unit,
    ) = guarded {
        query(sql, params) { cursor ->
            val width = cursor.columnCount
            while (cursor.moveToNext()) takeRow(List(width) { read(cursor, it) })
        }
    }

    override fun close() = database.close()

    /** The platform's own query binds text only; the factory of its cursor binds what the values are. */
    private fun query(
        sql: String,
        params: List<SqlValue>,
        take: (Cursor) -> Unit,
    ) {
        val factory =
            SQLiteDatabase.CursorFactory { _, driver, table, query ->
                bind(query, params)
                SQLiteCursor(driver, table, query)
            }
        database.rawQueryWithFactory(factory, sql, null, "").use(take)
    }

    private fun bind(
        statement: SQLiteProgram,
        params: List<SqlValue>,
    ) {
        for ((index, value) in params.withIndex()) {
            when (value) {
                SqlValue.Null -> statement.bindNull(index + 1)
                is SqlValue.Integer -> statement.bindLong(index + 1, value.value)
                is SqlValue.Text -> statement.bindString(index + 1, value.value)
                is SqlValue.Bytes -> statement.bindBlob(index + 1, value.value)
            }
        }
    }

    private fun read(
        cursor: Cursor,
        column: Int,
    ): SqlValue =
        when (cursor.getType(column)) {
            Cursor.FIELD_TYPE_NULL -> SqlValue.Null
            Cursor.FIELD_TYPE_INTEGER -> SqlValue.Integer(cursor.getLong(column))
            Cursor.FIELD_TYPE_STRING -> SqlValue.Text(cursor.getString(column))
            Cursor.FIELD_TYPE_BLOB -> SqlValue.Bytes(cursor.getBlob(column))
            else -> throw DatabaseFailure(DatabaseFailure.Kind.OTHER, "expected no real number in a row")
        }

    private fun readLastId(): Long =
        database.compileStatement("SELECT last_insert_rowid()").use { it.simpleQueryForLong() }

    companion object {
        private val QUERIES = listOf("SELECT", "PRAGMA")
        private val INSERTS = listOf("INSERT", "REPLACE", "WITH")
        private val CHANGES = listOf("UPDATE", "DELETE")

        /** SQLite's number for `synchronous = FULL`. */
        private const val FULL = 2L
        private const val KEPT_STATEMENTS = 100
        private val KEEP_DAMAGED = DatabaseErrorHandler { throw SQLiteDatabaseCorruptException("damaged") }

        /** Opens [file], making it. Throws [DatabaseDamaged], or [DatabaseFailure] for any other refusal. */
        fun open(file: File): PhoneDatabase =
            try {
                guarded { PhoneDatabase(prepare(file)) }
            } catch (failure: DatabaseFailure) {
                if (failure.cause is SQLiteDatabaseCorruptException) throw DatabaseDamaged()
                throw failure
            }

        private fun prepare(file: File): SQLiteDatabase {
            val flags =
                SQLiteDatabase.CREATE_IF_NECESSARY or
                    SQLiteDatabase.ENABLE_WRITE_AHEAD_LOGGING or
                    SQLiteDatabase.NO_LOCALIZED_COLLATORS
            val database = SQLiteDatabase.openDatabase(file.path, null, flags, KEEP_DAMAGED)
            var isReady = false
            try {
                database.setMaxSqlCacheSize(KEPT_STATEMENTS)
                pragma(database, "PRAGMA synchronous = FULL")
                pragma(database, "PRAGMA foreign_keys = OFF")
                // A phone's maker may have other ideas about journals: then nothing is begun.
                val mode = pragma(database, "PRAGMA journal_mode")
                val level = pragma(database, "PRAGMA synchronous")
                if (mode != "wal" || level != "$FULL") {
                    throw DatabaseFailure(
                        DatabaseFailure.Kind.OTHER,
                        "expected a journal of writes ahead, flushed at each commit",
                    )
                }
                isReady = true
                return database
            } finally {
                if (!isReady) database.close()
            }
        }

        private fun pragma(
            database: SQLiteDatabase,
            sql: String,
        ): String? = database.rawQuery(sql, null).use { if (it.moveToNext()) it.getString(0) else null }

        private fun isOneOf(
            sql: String,
            words: List<String>,
        ) = words.any { sql.trimStart().startsWith(it, ignoreCase = true) }

        private inline fun <T> guarded(work: () -> T): T =
            try {
                work()
            } catch (error: SQLiteException) {
                val kind =
                    when (error) {
                        is SQLiteFullException -> DatabaseFailure.Kind.FULL
                        is SQLiteDiskIOException -> DatabaseFailure.Kind.IO
                        else -> DatabaseFailure.Kind.OTHER
                    }
                throw DatabaseFailure(kind, "SQLite refused: ${error.javaClass.simpleName}", error)
            } catch (error: IllegalArgumentException) {
                throw DatabaseFailure(DatabaseFailure.Kind.OTHER, "SQLite refused its arguments", error)
            }
    }
}

// SQLite by the platform. Rule: what the engine's SQL relies on is the same on the oldest Android and on a newer one.

package org.coffre.app.ports

import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.ports.SqlValue
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File

@RunWith(RobolectricTestRunner::class)
@Config(application = android.app.Application::class, sdk = [26, 34])
class PhoneDatabaseTest {
    @get:Rule
    val folder = TemporaryFolder()
    private val file get() = File(folder.root, "state.db")

    private fun rowsOf(
        database: PhoneDatabase,
        sql: String,
        vararg params: SqlValue,
    ): List<List<SqlValue>> =
        ArrayList<List<SqlValue>>().also { rows ->
            database.all(sql, params.toList()) { rows += it }
        }

    @Test
    fun valuesComeBackAsWhatTheyAre() {
        PhoneDatabase.open(file).use { database ->
            database.begin()
            database.run("CREATE TABLE t (a, b, c, d)", emptyList())
            val bytes = byteArrayOf(0, 1, -1)
            val values = listOf(SqlValue.Integer(1L shl 52), SqlValue.Text("12"), SqlValue.Bytes(bytes), SqlValue.Null)
            assertEquals(1, database.run("INSERT INTO t VALUES (?, ?, ?, ?)", values).lastId)
            val (row) = rowsOf(database, "SELECT * FROM t WHERE b = ?", SqlValue.Text("12"))
            assertEquals(values[0], row[0])
            assertEquals(values[1], row[1])
            assertArrayEquals(bytes, (row[2] as SqlValue.Bytes).value)
            assertEquals(SqlValue.Null, row[3])
            // A number is no text: a cursor that binds text alone would find nothing.
            assertEquals(1, rowsOf(database, "SELECT a FROM t WHERE a = ?", SqlValue.Integer(1L shl 52)).size)
            database.commit()
        }
    }

    @Test
    fun whatWasCommittedIsThereAndWhatWasNotIsGone() {
        PhoneDatabase.open(file).use { database ->
            database.begin()
            database.run("CREATE TABLE t (a)", emptyList())
            assertEquals(
                2,
                database.runMany(
                    "INSERT INTO t VALUES (?)",
                    listOf(listOf(SqlValue.Integer(1)), listOf(SqlValue.Integer(2))),
                ),
            )
            database.commit()
            database.begin()
            database.run("DELETE FROM t", emptyList())
            database.rollback()
            database.rollback()
        }
        PhoneDatabase.open(file).use { database ->
            assertEquals(listOf(listOf(SqlValue.Integer(2))), rowsOf(database, "SELECT count(*) FROM t"))
        }
    }

    @Test
    fun eachCommitIsFlushedAndTheJournalIsOneOfWritesAhead() {
        PhoneDatabase.open(file).use { database ->
            assertEquals(listOf(listOf(SqlValue.Integer(2))), rowsOf(database, "PRAGMA synchronous"))
            assertEquals(listOf(listOf(SqlValue.Text("wal"))), rowsOf(database, "PRAGMA journal_mode"))
        }
    }

    @Test
    fun aDamagedDatabaseIsNamedAndKept() {
        val damaged = ByteArray(4_096) { 7 }
        file.writeBytes(damaged)
        assertThrows(DatabaseDamaged::class.java) { PhoneDatabase.open(file) }
        assertArrayEquals(damaged, file.readBytes())
    }

    @Test
    fun aRefusalHasAKindAndSaysNoValue() {
        PhoneDatabase.open(file).use { database ->
            val failure =
                assertThrows(DatabaseFailure::class.java) { database.run("INSERT INTO secret VALUES (1)", emptyList()) }
            assertEquals(DatabaseFailure.Kind.OTHER, failure.kind)
            assertTrue("secret" !in failure.message.orEmpty())
        }
    }
}

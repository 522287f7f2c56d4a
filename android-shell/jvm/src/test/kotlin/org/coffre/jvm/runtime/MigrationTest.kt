// Databases of other versions (docs/host-api.md §1: the Store). Rule: an engine of tomorrow is today's with one migration more,
// so that both directions are tested before there is a second version.

package org.coffre.jvm.runtime

import kotlinx.serialization.json.JsonObject
import org.coffre.host.ports.Changes
import org.coffre.host.ports.Database
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.ports.SqlValue
import org.coffre.host.runtime.EffectPerformer
import org.coffre.host.runtime.Fault
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.runtime.RuntimeStopped
import org.coffre.host.runtime.textOf
import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsFactory
import org.coffre.host.store.StoreDatabase
import org.coffre.jvm.JdbcDatabase
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.ExecutionException

@Timeout(120)
class MigrationTest {
    @TempDir
    lateinit var folder: Path

    private val file get() = folder.resolve("state.db")
    private val today = EngineScript.read()
    private val migrations = checkNotNull(MIGRATIONS.find(today)) { "the bundle lists its migrations in another form" }

    /** The version of today's tables: how many migrations lead to them. */
    private val current =
        migrations.groupValues[1]
            .split(",")
            .size
            .toLong()
    private val tomorrow =
        today.replaceRange(
            migrations.range,
            "MIGRATIONS=[${migrations.groupValues[1]}," +
                """["CREATE TABLE later (a)","ALTER TABLE meta ADD COLUMN later","CREATE INDEX l ON later (a)"]]""",
        )

    /** Starts an engine over [database] and asks for its status. */
    private fun askStatus(
        script: String,
        database: Database,
    ): JsonObject =
        StoreDatabase(database).use { store ->
            val started = json("""{"kind":"started","role":"backup","ownFolders":[],"software":"test"}""")
            val nothing = EffectPerformer { _, _ -> json("""{"kind":"failed","reason":"host-unsupported"}""") }
            HostRuntime(RuntimeParts(QuickJsFactory(script), store, TestClock(), started, nothing)).use { runtime ->
                runtime.start(EVENING)
                runtime.ask(json("""{"kind":"status"}""")).get()
            }
        }

    private fun stoppedBy(work: () -> Unit): Fault =
        (assertThrows(ExecutionException::class.java, work).cause as RuntimeStopped).fault

    private fun versionOf(file: Path): SqlValue? =
        JdbcDatabase.openToRead(file)?.use { database ->
            var version: SqlValue? = null
            database.all("SELECT max(version) FROM schema", emptyList()) { (value) -> version = value }
            version
        }

    @Test
    fun `a new database gets today's tables`() {
        assertEquals("status", textOf(askStatus(today, JdbcDatabase.open(file))["kind"]))
        assertEquals(SqlValue.Integer(current), versionOf(file))
    }

    @Test
    fun `a database from a newer version is refused by its own code, and stays as it is`() {
        askStatus(tomorrow, JdbcDatabase.open(file))
        assertEquals(SqlValue.Integer(current + 1), versionOf(file))
        assertEquals("host-database-newer", stoppedBy { askStatus(today, JdbcDatabase.open(file)) }.code)
        assertEquals(SqlValue.Integer(current + 1), versionOf(file))
    }

    @Test
    fun `an older database that is killed at any statement of its migration is migrated the next time`() {
        askStatus(today, JdbcDatabase.open(file))
        for (statement in listOf(
            "CREATE TABLE later",
            "ALTER TABLE meta",
            "CREATE INDEX l",
            "INSERT INTO schema",
            "COMMIT",
        )) {
            stoppedBy { askStatus(tomorrow, DyingDatabase(JdbcDatabase.open(file), statement)) }
            assertEquals(SqlValue.Integer(current), versionOf(file), statement)
        }
        assertEquals("status", textOf(askStatus(tomorrow, JdbcDatabase.open(file))["kind"]))
        assertEquals(SqlValue.Integer(current + 1), versionOf(file))
    }

    /** Does nothing any more from [lastWords] on: as a process that was killed there. */
    private class DyingDatabase(
        private val database: Database,
        private val lastWords: String,
    ) : Database by database {
        private var isDead = false

        override fun begin() = alive("BEGIN") { database.begin() }

        override fun commit() = alive("COMMIT") { database.commit() }

        override fun rollback() {
            if (!isDead) database.rollback()
        }

        override fun run(
            sql: String,
            params: List<SqlValue>,
        ): Changes = alive(sql) { database.run(sql, params) }

        override fun all(
            sql: String,
            params: List<SqlValue>,
            takeRow: (List<SqlValue>) -> Unit,
        ) = alive(sql) { database.all(sql, params, takeRow) }

        private fun <T> alive(
            sql: String,
            work: () -> T,
        ): T {
            isDead = isDead || sql.startsWith(lastWords)
            if (isDead) throw DatabaseFailure(DatabaseFailure.Kind.IO, "killed")
            return work()
        }
    }

    private companion object {
        /** The bundle's list: names of migrations. */
        val MIGRATIONS = Regex("""MIGRATIONS=\[([\w$,]+)]""")
    }
}

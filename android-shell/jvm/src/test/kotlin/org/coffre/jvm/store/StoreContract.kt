// The Store on any SQLite (docs/host-api.md §1, H-8). Rule: both drivers pass the same tests.

package org.coffre.jvm.store

import org.coffre.host.jvm.relativePath
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.runtime.formatAsciiJson
import org.coffre.host.store.StoreDatabase
import org.coffre.host.store.StoreFailure
import org.coffre.jvm.JdbcDatabase
import org.coffre.jvm.runtime.json
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.sql.Driver

abstract class StoreContract {
    abstract val driver: Driver

    /** What `sqlite_version()` begins with. */
    abstract val version: String

    @TempDir
    lateinit var folder: Path

    private lateinit var store: StoreDatabase

    /** By its bytes, so that no locale is needed for it. */
    private val file get() = folder.resolve(relativePath("état ?#%20.db".toByteArray()))

    @BeforeEach
    fun open() {
        store = StoreDatabase(JdbcDatabase.open(file, driver))
    }

    @AfterEach
    fun close() = store.close()

    private fun run(
        sql: String,
        params: String = "[]",
    ) = store.port.run(call(sql, "params", params))

    private fun runMany(
        sql: String,
        rows: String,
    ) = store.port.runMany(call(sql, "rows", rows))

    private fun all(
        sql: String,
        params: String = "[]",
    ) = store.port.all(call(sql, "params", params))

    private fun call(
        sql: String,
        name: String,
        values: String,
    ) = """{"sql":${formatAsciiJson(kotlinx.serialization.json.JsonPrimitive(sql))},"$name":$values}"""

    private fun <T> step(work: () -> T): T {
        store.begin()
        return work().also { store.commit() }
    }

    @Test
    fun `it is the version that it should be, with WAL, synchronous FULL and no foreign keys`() {
        val found = all("SELECT sqlite_version()")
        assertTrue(found.startsWith("""{"rows":[["$version"""), found)
        assertEquals("""{"rows":[["wal"]]}""", all("PRAGMA journal_mode"))
        assertEquals("""{"rows":[[2]]}""", all("PRAGMA synchronous"))
        assertEquals("""{"rows":[[0]]}""", all("PRAGMA foreign_keys"))
    }

    @Test
    fun `its file is its owner's alone, also beside it`() {
        step { run("CREATE TABLE t (a)") }
        val files = Files.newDirectoryStream(folder).use { it.toList() }
        assertTrue(files.size > 1, "$files")
        val permissions = files.map { PosixFilePermissions.toString(Files.getPosixFilePermissions(it)) }
        assertEquals(setOf("rw-------"), permissions.toSet())
        assertTrue(Files.exists(file))
    }

    @Test
    fun `values come back as they went in, with their types`() {
        val long = "x".repeat(70_000)
        val values =
            """null,0,1,-1,2147483647,2147483648,4294967296,9007199254740991,-9007199254740991,"","a",""" +
                """"\u00e9","\ud83d\ude00","\uffff",""" +
                """"\"\\\u000a\u0009\u0001","$long",{"b64":""},{"b64":"AA=="},{"b64":"//4AAQ=="}"""
        val rows = "[" + values.split(",").joinToString(",") { "[$it]" } + "]"
        step {
            run("CREATE TABLE t (id INTEGER PRIMARY KEY, value)")
            assertEquals("""{"changes":19}""", runMany("INSERT INTO t (value) VALUES (?)", rows))
        }
        assertEquals("""{"rows":$rows}""", all("SELECT value FROM t ORDER BY id"))
        val types = """{"rows":[["blob"],["integer"],["null"],["text"]]}"""
        assertEquals(types, all("SELECT DISTINCT typeof(value) FROM t ORDER BY 1"))
    }

    @Test
    fun `a text with NUL comes back whole`() {
        step { run("CREATE TABLE t (value)") }
        step { run("INSERT INTO t VALUES (?)", """["a\u0000b"]""") }
        assertEquals("""{"rows":[["a\u0000b"]]}""", all("SELECT value FROM t"))
    }

    @Test
    fun `changes and last ids are those of the statement`() {
        step {
            run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
            assertEquals("""{"changes":1,"lastId":41}""", run("INSERT INTO t (a, b) VALUES (?, ?)", """[41,"x"]"""))
            assertEquals("""{"changes":1,"lastId":42}""", run("INSERT INTO t (b) VALUES (?)", """["y"]"""))
            assertEquals("""{"changes":2,"lastId":42}""", run("UPDATE t SET b = b || '!'"))
            assertEquals("""{"changes":0,"lastId":42}""", run("DELETE FROM t WHERE a = 7"))
            assertEquals("""{"changes":0,"lastId":42}""", run("INSERT OR IGNORE INTO t (a) VALUES (41)"))
        }
        assertEquals("""{"rows":[["x!",41,"x!",41],["y!",42,"y!",42]]}""", all("SELECT b, a, b, a FROM t ORDER BY a"))
    }

    @Test
    fun `what was rolled back is gone, and what was committed stays when it is opened again`() {
        step { run("CREATE TABLE t (a)") }
        step { run("INSERT INTO t VALUES (1)") }
        store.begin()
        run("INSERT INTO t VALUES (2)")
        store.rollback()
        store.rollback()
        store.close()
        open()
        assertEquals("""{"rows":[[1]]}""", all("SELECT a FROM t"))
    }

    @Test
    fun `a failure is a value, and the step cannot be committed`() {
        step { run("CREATE TABLE t (a UNIQUE)") }
        val refused =
            listOf(
                { run("NOT SQL") },
                { run("INSERT INTO t VALUES (?)", "[1,2]") },
                { run("INSERT INTO t VALUES (?)", "[]") },
                { run("INSERT INTO t VALUES (?)", "[0.5]") },
                { run("INSERT INTO t VALUES (?)", "[9007199254740993]") },
                { run("INSERT INTO t VALUES (?)", "[1e400]") },
                { run("INSERT INTO t VALUES (?)", "[true]") },
                { run("INSERT INTO t VALUES (?)", "[[1]]") },
                { run("INSERT INTO t VALUES (?)", """[{"b64":"*"}]""") },
                { run("INSERT INTO t VALUES (?)", """[{}]""") },
                { run("INSERT INTO t VALUES (?)", """["\ud800"]""") },
                { runMany("INSERT INTO t VALUES (?)", "[[1],[1]]") },
                { all("SELECT 0.5") },
                { all("SELECT 9007199254740993") },
                { all("SELECT nothing") },
                { store.port.run("no json") },
                { store.port.run("[]") },
                { store.port.run("{}") },
                { store.port.run("""{"sql":7}""") },
            )
        for ((index, call) in refused.withIndex()) {
            store.begin()
            run("INSERT INTO t VALUES ('kept')")
            assertEquals("""{"failure":"other"}""", call(), "call $index")
            assertThrows(StoreFailure::class.java, { store.commit() }, "call $index")
            store.rollback()
        }
        assertEquals("""{"rows":[]}""", all("SELECT a FROM t"))
    }

    @Test
    fun `a full database is a failure of its own, and works on when there is room`() {
        step { run("CREATE TABLE t (a)") }
        all("PRAGMA max_page_count = 6")
        store.begin()
        run("INSERT INTO t VALUES (1)")
        assertEquals("""{"failure":"full"}""", run("INSERT INTO t VALUES (zeroblob(1000000))"))
        val failure = assertThrows(StoreFailure::class.java) { store.commit() }
        assertEquals(DatabaseFailure.Kind.FULL, failure.kind)
        store.rollback()
        all("PRAGMA max_page_count = 1000000")
        step { run("INSERT INTO t VALUES (zeroblob(1000000))") }
        assertEquals("""{"rows":[[1]]}""", all("SELECT count(*) FROM t"))
    }

    @Test
    fun `four mebibytes go through in a step and no more, and a larger table is never held`() {
        val select = "SELECT printf('%.*c', 400000, 'x')"
        store.begin()
        repeat(10) { all(select) }
        store.commit()
        store.begin()
        repeat(10) { all(select) }
        assertEquals("""{"failure":"other"}""", all(select))
        assertThrows(StoreFailure::class.java) { store.commit() }
        store.rollback()
        val endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        store.begin()
        assertEquals("""{"failure":"other"}""", all(endless))
        store.rollback()
    }

    @Test
    fun `more statements than are kept compiled work as before`() {
        step { run("CREATE TABLE t (a)") }
        for (round in 0..1) step { for (n in 0 until 300) run("INSERT INTO t VALUES (? + $n)", "[$round]") }
        assertEquals("""{"rows":[[600]]}""", all("SELECT count(*) FROM t"))
        step { run("DROP TABLE t") }
    }

    @Test
    fun `a reader sees what was committed, also while a step is under way, and changes nothing`() {
        step { run("CREATE TABLE t (a)") }
        store.begin()
        run("INSERT INTO t VALUES (1)")
        val reader = StoreDatabase(checkNotNull(JdbcDatabase.openToRead(file, driver)))
        reader.use {
            it.begin()
            assertEquals("""{"rows":[[0]]}""", it.port.all("""{"sql":"SELECT count(*) FROM t"}"""))
            assertEquals("""{"failure":"other"}""", it.port.run("""{"sql":"INSERT INTO t VALUES (2)"}"""))
            it.rollback()
        }
        store.commit()
        assertNull(JdbcDatabase.openToRead(folder.resolve("nothing"), driver))
        assertEquals(json("""{"rows":[[1]]}"""), json(all("SELECT count(*) FROM t")))
    }

    @Test
    fun `a file that is no database is refused`() {
        val broken = Files.write(folder.resolve("broken"), ByteArray(4096) { 7 })
        assertThrows(DatabaseFailure::class.java) { JdbcDatabase.open(broken, driver).close() }
    }
}

class NewestSqliteTest : StoreContract() {
    override val driver: Driver = org.sqlite.JDBC()
    override val version = "3."
}

class OldestSqliteTest : StoreContract() {
    override val driver: Driver = OldestSqlite.driver
    override val version = "3.18."
}

// What the engine's SQL may use (SQLite 3.18, without extensions). Rule: every rule has a sample that breaks it and one that
// keeps it.

package org.coffre.jvm.store

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.sql.Driver
import java.sql.SQLException
import java.util.Properties

class EngineSqlTest {
    private class Rule(
        val name: String,
        pattern: String,
        val bad: String,
        val good: String,
    ) {
        val regex = Regex(pattern, RegexOption.IGNORE_CASE)
    }

    private val rules =
        listOf(
            Rule(
                "no JSON",
                """\bjsonb?(_\w+)?\s*\(|->>?""",
                "SELECT json_extract(a, '$.b') FROM t",
                "SELECT json FROM t",
            ),
            Rule(
                "no FTS",
                """\bfts[345]\b|\bMATCH\b|CREATE\s+VIRTUAL""",
                "CREATE VIRTUAL TABLE t USING fts5(a)",
                "SELECT matches FROM t",
            ),
            Rule(
                "no UPSERT",
                """\bON\s+CONFLICT\b[\s\S]*\bDO\b""",
                "INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING",
                "INSERT OR IGNORE INTO t VALUES (1)",
            ),
            Rule("no RETURNING", """\bRETURNING\b""", "DELETE FROM t RETURNING a", "SELECT returned FROM t"),
            Rule(
                "no window functions",
                """\)\s*OVER\b|\bWINDOW\b""",
                "SELECT row_number() OVER (ORDER BY a) FROM t",
                "SELECT over FROM t",
            ),
            Rule("no FILTER", """\bFILTER\s*\(""", "SELECT count(*) FILTER (WHERE a) FROM t", "SELECT filter FROM t"),
            Rule(
                "no UPDATE FROM",
                """\bUPDATE\s+\w+\s+SET\b(?![\s\S]*\(SELECT)[^;]*\bFROM\b""",
                "UPDATE t SET a = b.c FROM b",
                "UPDATE t SET a = 1 WHERE b",
            ),
            Rule(
                "no generated columns, STRICT tables",
                """\bGENERATED\s+ALWAYS\b|\)\s*STRICT\b""",
                "CREATE TABLE t (a) STRICT",
                "CREATE TABLE t (strict)",
            ),
            Rule(
                "no NULLS FIRST or LAST",
                """\bNULLS\s+(FIRST|LAST)\b""",
                "SELECT a FROM t ORDER BY a NULLS LAST",
                "SELECT nulls FROM t",
            ),
            Rule(
                "no RENAME COLUMN, DROP COLUMN",
                """\b(RENAME|DROP)\s+COLUMN\b""",
                "ALTER TABLE t DROP COLUMN a",
                "ALTER TABLE t ADD COLUMN a",
            ),
            Rule(
                "no materialized hints",
                """\bMATERIALIZED\b""",
                "WITH a AS MATERIALIZED (SELECT 1) SELECT 1",
                "WITH a AS (SELECT 1) SELECT 1",
            ),
            Rule(
                "no RIGHT or FULL JOIN, IS DISTINCT FROM",
                """\b(RIGHT|FULL)\s+(OUTER\s+)?JOIN\b|\bIS\s+(NOT\s+)?DISTINCT\b""",
                "SELECT 1 FROM a FULL JOIN b",
                "SELECT 1 FROM a LEFT JOIN b",
            ),
        )

    @Test
    fun `each rule finds what breaks it, and nothing else`() {
        for (rule in rules) {
            assertTrue(rule.regex.containsMatchIn(rule.bad), rule.name)
            assertFalse(rule.regex.containsMatchIn(rule.good), rule.name)
        }
    }

    @Test
    fun `SQL is found in all three kinds of quotes, and never in comments`() {
        val source =
            "const a = \"SELECT 1 FROM a\"; // 'SELECT 2'\n/* `SELECT 3` */ " +
                "run(`UPDATE b\nSET c = \${d}`, 'DELETE FROM e', 'word')"
        val expected = listOf("SELECT 1 FROM a", "UPDATE b\nSET c = \${d}", "DELETE FROM e")
        assertEquals(expected, EngineSql.textsOf("x", source).map { it.text })
    }

    @Test
    fun `the engine's SQL keeps to what Android 8 has`() {
        val texts = EngineSql.read()
        assertTrue(texts.size > 250, "found ${texts.size} texts")
        val breaches =
            texts.flatMap { sql ->
                rules.filter { it.regex.containsMatchIn(sql.text) }.map { "${sql.place}: ${it.name}: ${sql.text}" }
            }
        assertEquals(emptyList<String>(), breaches)
    }

    @Test
    fun `every statement that the newest SQLite can compile, that of Android 8 can compile too`() {
        val statements = EngineSql.read().map { it.text }.filter { "\${" !in it }
        val compiled = compileAll(org.sqlite.JDBC(), statements)
        assertTrue(compiled.size > 120, "compiled ${compiled.size} of ${statements.size}")
        assertEquals(emptySet<String>(), compiled - compileAll(OldestSqlite.driver, statements))
    }

    /** The statements that can be compiled once all tables are there; pieces of statements cannot. */
    private fun compileAll(
        driver: Driver,
        statements: List<String>,
    ): Set<String> =
        driver.connect("jdbc:sqlite::memory:", Properties()).use { connection ->
            val (tables, used) = statements.partition { sql -> MAKES.any(sql::startsWith) }
            for (sql in tables) connection.createStatement().use { it.execute(sql) }
            val compiles = { sql: String ->
                try {
                    connection.prepareStatement(sql).close()
                    true
                } catch (_: SQLException) {
                    false
                }
            }
            used.filterTo(HashSet(tables), compiles)
        }

    private companion object {
        /** What makes the tables as they are after the last migration. */
        val MAKES = listOf("CREATE ", "ALTER TABLE", "DROP TABLE", "DROP INDEX")
    }
}

// The SQL that stands in the engine's sources. Rule: it is found by reading them, so that no statement can be forgotten.

package org.coffre.jvm.store

import java.nio.file.Files
import java.nio.file.Path

/** One text with SQL: where it stands, and what it says; `${…}` is left as it is. */
data class SqlText(
    val place: String,
    val text: String,
)

object EngineSql {
    private val root = Path.of(System.getProperty("coffre.repository"), "engine", "src")
    private val literal = Regex("""`((?:[^`\\]|\\.)*)`|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'""")
    private val comment = Regex("""(?m)^\s*//.*$|/\*[\s\S]*?\*/|(?<=[\s;,{])//.*$""")
    private val verb =
        Regex(
            """\b(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|REPLACE\s+INTO|DROP\s|""" +
                """CREATE\s+(TABLE|INDEX|UNIQUE|TRIGGER|VIEW|VIRTUAL|TEMP)|ALTER\s+TABLE|PRAGMA\s|""" +
                """WITH\s+\w+\s*(\(|AS)|FROM\s+\w+|ORDER\s+BY|WHERE\s|JOIN\s|VALUES\s*\()""",
        )

    /** Each text in the engine's sources that holds SQL or a piece of it. */
    fun read(): List<SqlText> =
        Files.walk(root).use { paths ->
            paths
                .iterator()
                .asSequence()
                .filter { it.toString().endsWith(".ts") && !it.startsWith(root.resolve("reference")) }
                .sorted()
                .toList()
                .flatMap { file -> textsOf(root.relativize(file).toString(), Files.readString(file)) }
        }

    internal fun textsOf(
        place: String,
        source: String,
    ): List<SqlText> =
        literal
            .findAll(source.replace(comment, ""))
            .map { match -> match.groupValues.drop(1).first { it.isNotEmpty() || match.value.length == 2 } }
            .filter { verb.containsMatchIn(it) }
            .map { SqlText(place, it) }
            .toList()
}

// The same story in Node, QuickJS and V8, over two versions of SQLite. Rule: every step, every Store call and every answer is
// compared as text, so a single character that differs fails.

package org.coffre.jvm.story

import org.coffre.host.script.EngineScript
import org.coffre.host.script.QuickJsEngine
import org.coffre.host.script.ScriptEngine
import org.coffre.host.script.ScriptEngineFactory
import org.coffre.host.script.ScriptLimits
import org.coffre.host.script.StorePort
import org.coffre.host.store.StoreDatabase
import org.coffre.jvm.JdbcDatabase
import org.coffre.jvm.script.JavetEngine
import org.coffre.jvm.script.onOwnerThread
import org.coffre.jvm.store.OldestSqlite
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.sql.Driver

class StoryTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `QuickJS over the SQLite of Android 8 does what Node did`() =
        replay(OldestSqlite.driver) { store -> QuickJsEngine(EngineScript.read(), ScriptLimits(), store) }

    @Test
    fun `V8 over the newest SQLite does what Node did`() =
        replay(org.sqlite.JDBC()) { store -> JavetEngine(EngineScript.read(), ScriptLimits(), store) }

    private fun replay(
        driver: Driver,
        engines: ScriptEngineFactory,
    ) = onOwnerThread {
        RecordedStory.open().use { story ->
            Replay(story, engines) { number -> StoreDatabase(JdbcDatabase.open(folder.resolve("$number.db"), driver)) }
                .use { replay ->
                    while (story.peek() != null) replay.play()
                    assertTrue(replay.steps >= LEAST_STEPS, "${replay.steps} steps")
                }
        }
    }

    private companion object {
        const val LEAST_STEPS = 5_000
    }
}

/** Plays a story with other engines over Stores of their own. */
private class Replay(
    private val story: RecordedStory,
    private val engines: ScriptEngineFactory,
    private val openStore: (String) -> StoreDatabase,
) : AutoCloseable {
    var steps = 0
        private set
    private val stores = HashMap<String, StoreDatabase>()
    private var engine: ScriptEngine? = null
    private var store: StoreDatabase? = null

    /** What differed, as it was seen inside a Store call. */
    private val differences = ArrayList<String>()

    /** Plays a new engine, or a step. */
    fun play() {
        if (story.peek()?.word == "engine") beginEngine(story.take("engine")) else step(story.take("in"))
    }

    override fun close() {
        engine?.close()
        stores.values.forEach { it.close() }
    }

    private fun beginEngine(database: String) {
        engine?.close()
        val opened = stores.getOrPut(database) { openStore(database) }
        store = opened
        engine = engines.create(ComparedPort(opened.port))
    }

    private fun step(text: String) {
        val open = checkNotNull(store)
        open.begin()
        val answer = checkNotNull(engine).handle(text)
        open.commit()
        assertEquals(emptyList<String>(), differences, "step $steps")
        assertEquals(story.take("out"), answer, "step $steps")
        steps++
    }

    private inner class ComparedPort(
        private val port: StorePort,
    ) : StorePort {
        override fun run(text: String) = compare("run", text, port.run(text))

        override fun runMany(text: String) = compare("runMany", text, port.runMany(text))

        override fun all(text: String) = compare("all", text, port.all(text))

        private fun compare(
            call: String,
            text: String,
            answer: String,
        ): String {
            if (differences.isNotEmpty()) return answer
            val expected = listOf(story.take(), story.take())
            val found = listOf(StoryLine(call, text), StoryLine("answer", answer))
            if (expected != found) differences += "expected $expected, found $found"
            return answer
        }
    }
}

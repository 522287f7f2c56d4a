// The Store: one SQLite database of the engine's (docs/host-api.md §1, H-8). Rule: what goes in comes out the same; a failure
// is a value for the engine and a fault for the runtime.

package org.coffre.host.store

import kotlinx.serialization.SerializationException
import org.coffre.host.ports.Database
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.script.StorePort

/** The Store failed within a step, which therefore does not count. */
class StoreFailure(
    val kind: DatabaseFailure.Kind,
    message: String,
    cause: Throwable? = null,
) : Exception(message, cause)

/** A database and the step that runs in it; one thread at a time. */
class StoreDatabase(
    private val database: Database,
) : AutoCloseable {
    private var failure: StoreFailure? = null
    private var chars = 0L

    /** What the engine calls. */
    val port: StorePort =
        object : StorePort {
            override fun run(text: String) = answer(text, ::runOne)

            override fun runMany(text: String) = answer(text, ::runEach)

            override fun all(text: String) = answer(text, ::readAll)
        }

    /** Begins a step. Throws [DatabaseFailure]. */
    fun begin() {
        failure = null
        chars = 0
        database.begin()
    }

    /** Ends a step for good. Throws [StoreFailure] instead when a call failed, which the engine may have overlooked. */
    fun commit() {
        failure?.let { throw it }
        database.commit()
    }

    /** Undoes a step; nothing happens when none is under way. */
    fun rollback() = database.rollback()

    override fun close() = database.close()

    private fun answer(
        text: String,
        work: (StoreCall) -> String,
    ): String =
        try {
            count(text.length)
            work(parseStoreCall(text)).also { count(it.length) }
        } catch (error: DatabaseFailure) {
            fail(error.kind, error)
        } catch (error: RefusedCall) {
            fail(DatabaseFailure.Kind.OTHER, error)
        } catch (error: SerializationException) {
            fail(DatabaseFailure.Kind.OTHER, RefusedCall("expected JSON"))
        }

    private fun fail(
        kind: DatabaseFailure.Kind,
        cause: Exception,
    ): String {
        if (failure == null) failure = StoreFailure(kind, "the Store failed: ${cause.message}", cause)
        return """{"failure":"${kind.text}"}"""
    }

    private fun count(moreChars: Int) {
        chars += moreChars
        checkRoom(0)
    }

    private fun checkRoom(moreChars: Int) {
        if (chars + moreChars > STEP_CHARS) throw RefusedCall("expected at most $STEP_CHARS characters in a step")
    }

    private fun runOne(call: StoreCall): String {
        val (changes, lastId) = database.run(call.sql, call.params)
        return """{"changes":$changes,"lastId":$lastId}"""
    }

    private fun runEach(call: StoreCall): String = """{"changes":${database.runMany(call.sql, call.rows)}}"""

    /** Rows become text as they are read, so that a table too large for a step is never held. */
    private fun readAll(call: StoreCall): String {
        val answer = StringBuilder("{\"rows\":[")
        var isFirst = true
        database.all(call.sql, call.params) { row ->
            if (!isFirst) answer.append(',')
            isFirst = false
            answer.appendRow(row)
            checkRoom(answer.length)
        }
        return answer.append("]}").toString()
    }

    private companion object {
        /** The most text through the Store in a step, both ways (H-5). */
        const val STEP_CHARS = 4L * 1024 * 1024
    }
}

// One database for two users, the runtime and the suite's own steps. Rule: whoever begins a transaction has the database until
// it ends.

package org.coffre.jvm.adapter

import org.coffre.host.ports.Database
import java.util.concurrent.locks.ReentrantLock

internal class DatabaseInTurns(
    private val database: Database,
) : Database by database {
    private val turn = ReentrantLock(true)

    override fun begin() {
        turn.lock()
        try {
            database.begin()
        } catch (error: Exception) {
            turn.unlock()
            throw error
        }
    }

    override fun commit() {
        database.commit()
        turn.unlock()
    }

    override fun rollback() {
        if (!turn.isHeldByCurrentThread) return
        try {
            database.rollback()
        } finally {
            turn.unlock()
        }
    }
}

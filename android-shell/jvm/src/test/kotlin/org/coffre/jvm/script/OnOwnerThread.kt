// Tests of engines run where engines run. Rule: a failure comes back to the test's own thread.

package org.coffre.jvm.script

import org.coffre.host.script.OwnerThread
import org.coffre.host.script.StorePort
import java.util.concurrent.Callable
import java.util.concurrent.ExecutionException

/** Does [work] on an owner thread and gives what it gives, or throws what it throws. */
fun <T> onOwnerThread(work: () -> T): T {
    val owner = OwnerThread.open()
    try {
        return owner.submit(Callable { work() }).get()
    } catch (error: ExecutionException) {
        throw error.cause ?: error
    } finally {
        owner.shutdown()
    }
}

/** A Store whose three calls are one function. */
class OneCallStore(
    private val call: (String) -> String,
) : StorePort {
    override fun run(text: String) = call(text)

    override fun runMany(text: String) = call(text)

    override fun all(text: String) = call(text)
}

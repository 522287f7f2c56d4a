// One loaded script behind one interface, whichever engine runs it. Rule: text crosses, nothing else; one thread owns it.

package org.coffre.host.script

/**
 * A script with one entry, `handle(text): text`, over the three Store calls. It belongs to the thread that made it (see
 * [OwnerThread]); only [interrupt] may come from elsewhere. After any [EngineFault] close it and make a new one.
 */
interface ScriptEngine : AutoCloseable {
    /** Hands [text] to the script, blocking; ASCII JSON in and out. Never called from inside a Store call. Throws [EngineFault]. */
    fun handle(text: String): String

    /** Ends the [handle] that runs, which then throws [EngineFault]; from any thread, also after [close]. */
    fun interrupt()

    /** Frees the engine; closing twice does nothing. */
    override fun close()
}

/** Makes an engine whose Store calls go to a port; on the thread that will own it. Throws [EngineFault]. */
fun interface ScriptEngineFactory {
    fun create(store: StorePort): ScriptEngine
}

// The engine's script in the jar, as `npm run bundle` wrote it. Rule: it is ASCII, or it is not loaded.

package org.coffre.host.script

/** The bundle of engine/. */
object EngineScript {
    private const val RESOURCE = "engine.js"

    /** The script's text. */
    fun read(): String {
        val bytes =
            checkNotNull(
                EngineScript::class.java.getResourceAsStream(RESOURCE),
            ) { "the engine's script is not in the jar" }
                .use { it.readBytes() }
        return String(bytes, Charsets.US_ASCII).also(StoreGate::checkAscii)
    }
}

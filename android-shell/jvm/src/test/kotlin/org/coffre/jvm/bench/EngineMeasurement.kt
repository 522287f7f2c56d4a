// What the engine costs on the JVM: loading, time and memory of a backup, in QuickJS or V8. Rule: it measures and prints one
// line of JSON; whether a figure is good enough is for its reader.
//
//   EngineMeasurement (quickjs | v8) HOME        HOME is paired and has its roots (coffre init, coffre add)

@file:JvmName("EngineMeasurement")

package org.coffre.jvm.bench

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.host.effects.PassphraseSource
import org.coffre.host.effects.Workshop
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.jvm.OkHttp
import org.coffre.host.jvm.SystemClock
import org.coffre.host.ports.CurrentConditions
import org.coffre.host.runtime.HostRuntime
import org.coffre.host.runtime.RuntimeParts
import org.coffre.host.script.ScriptEngineFactory
import org.coffre.host.script.StorePort
import org.coffre.host.store.StoreDatabase
import org.coffre.jvm.JdbcDatabase
import org.coffre.jvm.KeyFile
import org.coffre.jvm.chooseCrypto
import org.coffre.jvm.givenPath
import org.coffre.jvm.ownLocator
import org.coffre.jvm.runtime.json
import org.coffre.jvm.script.onOwnerThread
import java.nio.file.Path
import kotlin.system.exitProcess

private const val LOADS = 7
private const val NS_PER_MS = 1e6

fun main(args: Array<String>) {
    val (engine, home) = args
    val loadMs = List(LOADS) { measureLoadMs(engine) }.sorted()[LOADS / 2]
    val use = EngineUse()
    val beganNs = System.nanoTime()
    val result = backUp(engine, givenPath(home), use)
    val elapsedMs = (System.nanoTime() - beganNs) / NS_PER_MS
    val counts = result["counts"] as JsonObject
    val report =
        buildJsonObject {
            put("engine", engine)
            put("filesSynced", checkNotNull(counts["filesSynced"]))
            put("elapsedMs", elapsedMs)
            put("steps", use.steps)
            put("scriptMs", (use.stepNs - use.storeNs) / NS_PER_MS)
            put("storeMs", use.storeNs / NS_PER_MS)
            put("storeCalls", use.storeCalls)
            put("longestStepMs", use.longestStepNs / NS_PER_MS)
            put("loadMs", loadMs)
            put("memoryAfterLoadBytes", use.memoryAfterLoadBytes)
            put("memoryBytes", use.memoryBytes)
        }
    println(report)
    exitProcess(0)
}

private fun measureLoadMs(engine: String): Double {
    val use = EngineUse()
    onOwnerThread { MeasuredEngine(engine, NoStore, use).close() }
    return use.loadNs / NS_PER_MS
}

private fun backUp(
    engine: String,
    home: Path,
    use: EngineUse,
): JsonObject {
    val clock = SystemClock()
    val ports =
        WorkshopPorts(JvmFiles(), OkHttp(), KeyFile(home.resolve("keys.json")), chooseCrypto(), PassphraseSource.NOBODY)
    val started =
        json("""{"kind":"started","role":"backup","software":"measurement","ownFolders":["${ownLocator(home)}"]}""")
    return Workshop(ports).use { workshop ->
        StoreDatabase(JdbcDatabase.open(home.resolve("state.db"))).use { store ->
            val engines = ScriptEngineFactory { port -> MeasuredEngine(engine, port, use) }
            val parts =
                RuntimeParts(
                    engines,
                    store,
                    clock,
                    started,
                    workshop,
                    onFault = { System.err.println("${it.code}: ${it.message}") },
                )
            HostRuntime(parts).use { runtime ->
                runtime.start(
                    CurrentConditions(CurrentConditions.Network.UNMETERED, charging = true, utcOffsetMinutes = 0),
                )
                runtime.ask(json("""{"kind":"backup","mode":"once"}""")).get()
            }
        }
    }
}

private object NoStore : StorePort {
    override fun run(text: String) = error("nothing is stored while a script is loaded")

    override fun runMany(text: String) = run(text)

    override fun all(text: String) = run(text)
}

// The adapter's command: lines of JSON on standard input and output (docs/host-suite.md). Rule: standard output holds lines of
// the protocol and nothing else.

package org.coffre.jvm.adapter

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.jvm.OWNER_FOLDER
import org.coffre.host.jvm.OkHttp
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.runtime.formatAsciiJson
import org.coffre.jvm.JdbcDatabase
import org.coffre.jvm.JvmTreeWatch
import org.coffre.jvm.KeyFile
import org.conscrypt.Conscrypt
import java.io.OutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths

private const val PROTOCOL = 1

/** Serves the suite until its lines end. With `conscrypt` as its argument, cryptography is Conscrypt's, else the JDK's. */
fun main(args: Array<String>) {
    val crypto =
        if (args.contentEquals(
                arrayOf("conscrypt"),
            )
        ) {
            JcaCryptoProvider(Conscrypt.newProvider())
        } else {
            JcaCryptoProvider(null)
        }
    val lines = LineWriter(System.out)
    var adapter: HostAdapter? = null
    System.`in`.bufferedReader(Charsets.US_ASCII).forEachLine { line ->
        val order = Json.parseToJsonElement(line) as JsonObject
        val begin = order["begin"] as? JsonObject
        if (begin == null) {
            adapter?.take(order)
        } else {
            val home = Paths.get((begin.getValue("home") as JsonPrimitive).content)
            Files.createDirectories(home, OWNER_FOLDER)
            adapter = HostAdapter(openPorts(home, crypto), lines::write)
            lines.write(describeHost(crypto.name))
        }
    }
    adapter?.close()
}

private fun openPorts(
    home: Path,
    crypto: CryptoProvider,
): AdapterPorts =
    AdapterPorts(JdbcDatabase.open(home.resolve("engine.sqlite")), JvmTreeWatch) { passphrases ->
        WorkshopPorts(JvmFiles(), OkHttp(), KeyFile(home.resolve("keys.json")), crypto, passphrases)
    }

private fun describeHost(cryptoName: String): JsonObject {
    val host = "coffre on the JVM ${System.getProperty("java.version")} with $cryptoName"
    val ready =
        mapOf(
            "protocol" to JsonPrimitive(PROTOCOL),
            "host" to JsonPrimitive(host),
            "pid" to JsonPrimitive(readPid()),
            "lacks" to JsonArray(JvmFiles().lacks.map(::JsonPrimitive)),
        )
    return JsonObject(mapOf("ready" to JsonObject(ready)))
}

/** The number of this process, or 0 where the system has no `/proc` to tell it. */
private fun readPid(): Long {
    val self: Path = Paths.get("/proc/self")
    return if (Files.isSymbolicLink(self)) Files.readSymbolicLink(self).toString().toLong() else 0
}

/** Writes lines, each as a whole, from any thread. */
private class LineWriter(
    private val output: OutputStream,
) {
    fun write(line: JsonObject) {
        val bytes = "${formatAsciiJson(line)}\n".toByteArray(Charsets.US_ASCII)
        synchronized(output) {
            output.write(bytes)
            output.flush()
        }
    }
}

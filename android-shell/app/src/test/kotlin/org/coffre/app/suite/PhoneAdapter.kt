// The app's ports as an adapter of the portability suite (docs/host-suite.md), in Robolectric. Rule: what is tested is what the app
// ships; the suite's lines come and go by the process's own streams, and whatever else speaks goes to standard error.

package org.coffre.app.suite

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.app.files.PhoneFiles
import org.coffre.app.ports.GuardedHttp
import org.coffre.app.ports.KeystoreSecrets
import org.coffre.app.ports.PhoneDatabase
import org.coffre.app.stage.FakeKeystore
import org.coffre.host.effects.WorkshopPorts
import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.jvm.OkHttp
import org.coffre.host.runtime.formatAsciiJson
import org.coffre.jvm.JvmTreeWatch
import org.coffre.jvm.adapter.AdapterPorts
import org.coffre.jvm.adapter.HostAdapter
import org.junit.Test
import org.junit.runner.JUnitCore
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileOutputStream
import java.nio.file.Files
import java.nio.file.Paths
import kotlin.system.exitProcess

private const val PROTOCOL = 1

/** Started by [main], once for each process; it is no test of Maven's. */
@RunWith(RobolectricTestRunner::class)
@Config(application = android.app.Application::class, sdk = [26, 34])
class PhoneAdapter {
    private val output = FileOutputStream(FileDescriptor.out)
    private var adapter: HostAdapter? = null

    @Test
    fun serve() {
        FakeKeystore.install()
        FileInputStream(FileDescriptor.`in`).bufferedReader(Charsets.US_ASCII).forEachLine(::take)
        adapter?.close()
    }

    private fun take(line: String) {
        val order = Json.parseToJsonElement(line) as JsonObject
        val begin = order["begin"] as? JsonObject
        if (begin == null) {
            adapter?.take(order)
            return
        }
        val home = File((begin.getValue("home") as JsonPrimitive).content).apply { mkdirs() }
        FakeKeystore.keepIn(File(home, "keystore"))
        val crypto = JcaCryptoProvider(null)
        val files = PhoneFiles(RuntimeEnvironment.getApplication())
        val secrets = KeystoreSecrets(File(home, "slots"))
        val ports =
            AdapterPorts(
                PhoneDatabase.open(File(home, "engine.sqlite")),
                // Robolectric's FileObserver never says that a file was closed or moved: the folders of a desktop are watched here.
                JvmTreeWatch,
            ) { passphrases -> WorkshopPorts(files, GuardedHttp(OkHttp()), secrets, crypto, passphrases) }
        adapter = HostAdapter(ports, ::write)
        write(describe("the app on Android ${android.os.Build.VERSION.SDK_INT} with ${crypto.name}", files.lacks))
    }

    private fun describe(
        host: String,
        lacks: Set<String>,
    ): JsonObject {
        val ready =
            mapOf(
                "protocol" to JsonPrimitive(PROTOCOL),
                "host" to JsonPrimitive(host),
                "pid" to JsonPrimitive(Files.readSymbolicLink(Paths.get("/proc/self")).toString().toLong()),
                "lacks" to JsonArray(lacks.map(::JsonPrimitive)),
            )
        return JsonObject(mapOf("ready" to JsonObject(ready)))
    }

    private fun write(line: JsonObject) {
        val bytes = "${formatAsciiJson(line)}\n".toByteArray(Charsets.US_ASCII)
        synchronized(output) {
            output.write(bytes)
            output.flush()
        }
    }
}

/** Serves the suite. The system property `robolectric.enabledSdks` says as which Android. */
fun main() {
    System.setOut(System.err)
    val ended = JUnitCore.runClasses(PhoneAdapter::class.java)
    for (failure in ended.failures) System.err.println(failure.trace)
    exitProcess(if (ended.wasSuccessful()) 0 else 1)
}

// A phone in Robolectric: a Keystore, MediaStore, a network, permissions, and a real server to pair with. Rule: each test has its own,
// and leaves nothing running.

package org.coffre.app.stage

import android.app.Application
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.Environment
import android.os.Process
import android.os.storage.StorageManager
import androidx.work.testing.WorkManagerTestInitHelper
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import org.coffre.app.CoffreApp
import org.coffre.app.files.MediaAccess
import org.coffre.app.session.EngineState
import org.coffre.app.session.Pairing
import org.coffre.app.session.PhoneEngine
import org.coffre.host.ports.ServerAddress
import org.junit.Assert.assertNotEquals
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowEnvironment
import org.robolectric.shadows.ShadowLooper
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.shadows.StorageVolumeBuilder
import java.io.File
import java.nio.file.Files
import java.util.Random
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

private const val LONGEST_S = 120L
private const val STEP_NS = 5_000_000L
private const val LONG_AGO_MS = 1_700_000_000_000

class PhoneStage : AutoCloseable {
    val app: CoffreApp get() = RuntimeEnvironment.getApplication() as CoffreApp
    val scratch: File = Files.createTempDirectory("coffre-phone").toFile()
    private var server: ServerProgram? = null

    /** Where the server is; it is started when it is first needed. */
    val url: String get() = (server ?: ServerProgram(File(scratch, "server")).also { server = it }).url

    fun open() {
        FakeKeystore.install()
        FakeMedia.install()
        WorkManagerTestInitHelper.initializeTestWorkManager(app)
        mountStorage()
        grantPermissions()
        setNetwork(NetworkCapabilities.NET_CAPABILITY_INTERNET, NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
    }

    override fun close() {
        app.engine.close()
        WorkManagerTestInitHelper.closeWorkDatabase()
        server?.close()
        FakeKeystore.remove()
        scratch.deleteRecursively()
    }

    private fun mountStorage() {
        ShadowEnvironment.setExternalStorageState(Environment.MEDIA_MOUNTED)
        val storage = checkNotNull(app.getSystemService(StorageManager::class.java))
        val folder = Environment.getExternalStorageDirectory()
        val volume = StorageVolumeBuilder("primary", folder, "phone", Process.myUserHandle(), Environment.MEDIA_MOUNTED)
        shadowOf(storage).addStorageVolume(volume.setIsPrimary(true).build())
    }

    fun setNetwork(vararg capabilities: Int) {
        val networks = checkNotNull(app.getSystemService(ConnectivityManager::class.java))
        val made = ShadowNetworkCapabilities.newInstance()
        for (capability in capabilities + NetworkCapabilities.NET_CAPABILITY_NOT_VPN) {
            shadowOf(
                made,
            ).addCapability(capability)
        }
        shadowOf(networks).setNetworkCapabilities(networks.activeNetwork, made)
    }

    /** The network changes while the app runs, which it is told. */
    fun turnNetwork(vararg capabilities: Int) {
        setNetwork(NetworkCapabilities.NET_CAPABILITY_INTERNET, *capabilities)
        val networks = checkNotNull(app.getSystemService(ConnectivityManager::class.java))
        val active = checkNotNull(networks.activeNetwork)
        val now = checkNotNull(networks.getNetworkCapabilities(active))
        for (callback in shadowOf(networks).networkCallbacks) callback.onCapabilitiesChanged(active, now)
    }

    /** A VPN that is metered, over a network with these [capabilities]. */
    fun setVpnOver(vararg capabilities: Int) {
        val networks = checkNotNull(app.getSystemService(ConnectivityManager::class.java))
        val vpn = ShadowNetworkCapabilities.newInstance()
        shadowOf(vpn).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        shadowOf(vpn).removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
        val below = ShadowNetworkCapabilities.newInstance()
        for (capability in capabilities + NetworkCapabilities.NET_CAPABILITY_NOT_VPN) {
            shadowOf(
                below,
            ).addCapability(capability)
        }
        val active = checkNotNull(networks.activeNetwork)
        val other = networks.allNetworks.first { it != active }
        shadowOf(networks).setNetworkCapabilities(active, vpn)
        shadowOf(networks).setNetworkCapabilities(other, below)
    }

    fun grantPermissions() = shadowOf(app as Application).grantPermissions(*MediaAccess.permissions().toTypedArray())

    fun withdrawPermissions() = shadowOf(app as Application).denyPermissions(*MediaAccess.permissions().toTypedArray())

    fun loseKeys() = FakeKeystore.keys.clear()

    /** A photo of random bytes that MediaStore has from now on. */
    fun photo(
        id: Long,
        folder: String,
        name: String,
        sizeBytes: Int,
    ) {
        val file = File(scratch, "media/$id").apply { parentFile?.mkdirs() }
        file.writeBytes(ByteArray(sizeBytes).also { Random(id).nextBytes(it) })
        file.setLastModified(LONG_AGO_MS)
        FakeMedia.items += FakeMedia.Item(id, folder, name, file, name.endsWith("jpg"))
        FakeMedia.generation++
    }

    val engine: PhoneEngine get() = (app.engine.open() as EngineState.Running).engine

    fun openState(): String =
        app.engine
            .open()
            .javaClass.simpleName

    /** The process ends, as it does whenever Android wants. */
    fun endProcess() = app.engine.close()

    /** Makes a vault, as onboarding does; its words. */
    fun createVault(): String {
        app.engine.home.writePairing(Pairing(ServerAddress(url, null), "ada", "Pixel", hasWords = false))
        engine.passphrase.type("un cheval pile correct".toCharArray())
        val creating =
            engine.ask(
                buildJsonObject {
                    put("kind", "create")
                    putJsonObject("server") { put("url", url) }
                    put("login", "ada")
                    put("deviceName", "Pixel")
                },
            )
        until { app.engine.words.words.value != null || creating.isDone }
        val words = checkNotNull(app.engine.words.words.value) { "no words: ${creating.getNow(null)}" }
        app.engine.words.haveShown()
        must(creating)
        app.engine.words.forget()
        return words.joinToString(" ")
    }

    fun addRoot(
        name: String,
        locator: String,
    ) {
        must(
            engine.ask(
                buildJsonObject {
                    put("kind", "add-root")
                    put("name", name)
                    put("locator", locator)
                    put("excludes", JsonArray(emptyList()))
                },
            ),
        )
    }

    fun beginBackup(): CompletableFuture<JsonObject> =
        engine.ask(
            buildJsonObject {
                put("kind", "backup")
                put("mode", "once")
            },
        )

    fun backUp(): JsonObject = must(beginBackup())

    /** How many files are synced, and how many wait. */
    fun readCounts(): Map<String, Long> {
        val counts = await(engine.ask("status")).getValue("counts") as JsonObject
        return listOf("filesSynced", "filesWaiting").associateWith { (counts.getValue(it) as JsonPrimitive).long }
    }

    fun await(result: CompletableFuture<JsonObject>): JsonObject = result.get(LONGEST_S, TimeUnit.SECONDS)

    private fun must(result: CompletableFuture<JsonObject>): JsonObject {
        val ended = await(result)
        assertNotEquals(ended.toString(), JsonPrimitive("failed") as JsonElement, ended["outcome"])
        return ended
    }

    /** Waits for what other threads and the main looper bring about. */
    fun until(isSo: () -> Boolean) {
        val endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_S)
        while (!isSo()) {
            check(System.nanoTime() < endNs) { "it did not happen" }
            ShadowLooper.idleMainLooper()
            LockSupport.parkNanos(STEP_NS)
        }
    }
}

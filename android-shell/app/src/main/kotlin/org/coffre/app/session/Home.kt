// The app's own folder: the engine's database, the sealed slots, and whom the phone is paired with. Rule: it stays on this phone;
// neither Android's backup nor a move to another phone takes it along.

package org.coffre.app.session

import android.content.Context
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.put
import org.coffre.host.effects.markOwnFolder
import org.coffre.host.ports.ServerAddress
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE

/** Minutes of the day. */
private val MINUTES_OF_DAY = 0..1_439

/** Whom the phone is paired with; no secrets. */
data class Pairing(
    val server: ServerAddress,
    val login: String,
    val deviceName: String,
    /** The owner has shown that the recovery words are written down. */
    val hasWords: Boolean,
)

/** What the owner allows. */
data class Policy(
    val unmeteredOnly: Boolean = true,
    val roamingToo: Boolean = false,
    /** What a month may cost over metered networks; null is no limit. */
    val meteredBytesPerMonth: Long? = null,
    val chargingOnly: Boolean = false,
    /** Minutes of the day from and to which backups may run; null is always. */
    val hours: Pair<Int, Int>? = null,
)

/** The files of one vault. */
class Home(
    context: Context,
) {
    val folder = File(context.noBackupFilesDir, "vault")
    val database = File(folder, "state.db")
    val slots = File(folder, "slots")
    private val pairingFile = File(folder, "pairing.json")
    private val policyFile = File(folder, "policy.json")
    val activityFile = File(folder, "activity.jsonl")
    private val pauseFile = File(folder, "paused")
    private val continuousFile = File(folder, "continuous")

    /** The owner wants nothing to be sent for now. */
    val isPaused: Boolean get() = pauseFile.exists()

    /** The owner wants the phone to be watched all the time. */
    val isContinuous: Boolean get() = continuousFile.exists()

    /** Makes the folder where it is missing. */
    fun make() {
        if (!folder.isDirectory && !folder.mkdirs()) throw IOException("the folder of the vault cannot be made")
        markOwnFolder(folder)
    }

    /** Whom the phone is paired with; null when it is not, or when that cannot be read. */
    fun readPairing(): Pairing? {
        val read = readJson(pairingFile) ?: return null
        return Pairing(
            ServerAddress(read.text("url") ?: return null, read.text("pin")),
            read.text("login") ?: return null,
            read.text("deviceName") ?: return null,
            read.text("hasWords") == "true",
        )
    }

    fun writePairing(pairing: Pairing) =
        write(
            pairingFile,
            buildJsonObject {
                put("url", pairing.server.url)
                pairing.server.pin?.let { put("pin", it) }
                put("login", pairing.login)
                put("deviceName", pairing.deviceName)
                put("hasWords", pairing.hasWords)
            },
        )

    fun removePairing() {
        Files.deleteIfExists(pairingFile.toPath())
    }

    /** What was chosen, or what is usual. */
    fun readPolicy(): Policy {
        val read = readJson(policyFile) ?: return Policy()
        val hours = listOfNotNull(read.text("fromMinute")?.toIntOrNull(), read.text("toMinute")?.toIntOrNull())
        return Policy(
            read.text("unmeteredOnly") != "false",
            read.text("roamingToo") == "true",
            read.text("meteredBytesPerMonth")?.toLongOrNull()?.takeIf { it >= 0 },
            read.text("chargingOnly") == "true",
            if (hours.size == 2 && hours.all { it in MINUTES_OF_DAY }) hours[0] to hours[1] else null,
        )
    }

    fun writePolicy(policy: Policy) =
        write(
            policyFile,
            buildJsonObject {
                put("unmeteredOnly", policy.unmeteredOnly)
                put("roamingToo", policy.roamingToo)
                policy.meteredBytesPerMonth?.let { put("meteredBytesPerMonth", it) }
                put("chargingOnly", policy.chargingOnly)
                policy.hours?.let { (from, to) ->
                    put("fromMinute", from)
                    put("toMinute", to)
                }
            },
        )

    /** Makes room for a new pairing; what cannot go on is kept, until the next time. */
    fun setAside() {
        val before = File(folder.path + ".before")
        before.deleteRecursively()
        if (folder.exists() && !folder.renameTo(before)) throw IOException("the folder of the vault cannot be moved")
    }

    fun setPaused(isPaused: Boolean) {
        make()
        if (isPaused) pauseFile.createNewFile() else Files.deleteIfExists(pauseFile.toPath())
    }

    fun setContinuous(isContinuous: Boolean) {
        make()
        if (isContinuous) continuousFile.createNewFile() else Files.deleteIfExists(continuousFile.toPath())
    }

    private fun readJson(file: File): JsonObject? {
        val text =
            try {
                file.readText()
            } catch (_: IOException) {
                return null
            }
        return runCatching { Json.parseToJsonElement(text) as? JsonObject }.getOrNull()
    }

    private fun write(
        file: File,
        content: JsonObject,
    ) {
        make()
        val draft = File(folder, "${file.name}.new")
        FileOutputStream(draft).use {
            it.write("$content\n".toByteArray())
            it.fd.sync()
        }
        Files.move(draft.toPath(), file.toPath(), ATOMIC_MOVE)
    }
}

/** A field of JSON that is text, a number or a truth value, as text. */
internal fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.contentOrNull

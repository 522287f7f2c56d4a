// A home: the folder in which one pairing lives. Rule: its owner's alone, and one process at a time.
//
//   state.db   the engine's database       keys.json  the slots of the device
//   home.json  server, login, device name  lock       held by the process that works
//
// The form is that of the `coffre` command: a home of one is a home of the other.

package org.coffre.host.command

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import org.coffre.host.jvm.HomeLock
import org.coffre.host.jvm.OWNER_FILE
import org.coffre.host.jvm.ownLocator
import org.coffre.host.ports.ServerAddress
import org.coffre.host.runtime.parseJsonObject
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE
import java.nio.file.attribute.FileAttribute
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.PosixFilePermissions

/** Whom a home is paired with; no secrets. */
internal data class Pairing(
    val server: ServerAddress,
    val login: String,
    val deviceName: String,
)

/** A folder with the files of one engine. */
internal class Home(
    val folder: Path,
) {
    val database: Path = folder.resolve("state.db")
    val keys: Path = folder.resolve("keys.json")
    private val pairingFile = folder.resolve("home.json")
    private val lockFile = folder.resolve("lock")

    /** The locator of the folder, which is made when it is missing. */
    fun make(): String =
        try {
            // One that was there keeps its mode, since others may need it.
            Files.createDirectories(folder, OWNER_FOLDER)
            if (holdsOthers()) {
                throw CommandFailed.usage(
                    "The folder ${showName(
                        folder.toString(),
                    )} holds other things: give --home a folder of its own, empty or " +
                        "not there yet.",
                )
            }
            ownLocator(folder)
        } catch (error: IOException) {
            val reason = error.javaClass.simpleName
            throw CommandFailed(
                "host-error",
                "The folder for Coffre's own files cannot be made ($reason): choose another one.",
            )
        }

    private fun holdsOthers(): Boolean {
        val names =
            Files.list(folder).use { files ->
                files
                    .iterator()
                    .asSequence()
                    .map { it.fileName.toString() }
                    .toList()
            } -
                DISK_OWN
        return names.isNotEmpty() && names.none { it in HOME_FILES }
    }

    /** Takes the home for this process; a [CommandFailed] when another one has it. */
    fun lock(): HomeLock =
        HomeLock.take(lockFile, LOCK_WAIT_MS)
            ?: throw CommandFailed(
                "user-home-busy",
                "Another coffre works with this home: wait until it ends, or stop it.",
            )

    /** Whether another process works with the home now. */
    fun isBusy(): Boolean = runCatching { HomeLock.take(lockFile, 0)?.close() == null }.getOrDefault(false)

    /** Whom the home is paired with, or null; a [CommandFailed] when its file does not say it. */
    fun readPairing(): Pairing? {
        val text =
            try {
                String(Files.readAllBytes(pairingFile), Charsets.UTF_8)
            } catch (_: NoSuchFileException) {
                return null
            } catch (_: NotDirectoryException) {
                return null
            } catch (_: IOException) {
                ""
            }
        return parsePairing(text) ?: throw CommandFailed(
            "host-error",
            "The file home.json of this home cannot be read: restore it, or pair anew in another home.",
        )
    }

    fun writePairing(pairing: Pairing) {
        val draft = folder.resolve("home.json.new")
        FileChannel.open(draft, setOf(WRITE, CREATE, TRUNCATE_EXISTING), OWNER_FILE).use { file ->
            val bytes =
                ByteBuffer.wrap(
                    "${PRETTY.encodeToString(JsonObject.serializer(), formatPairing(pairing))}\n".toByteArray(),
                )
            while (bytes.hasRemaining()) file.write(bytes)
            file.force(true)
        }
        Files.move(draft, pairingFile, ATOMIC_MOVE)
        FileChannel.open(folder, READ).use { it.force(true) }
    }

    fun removePairing() {
        Files.deleteIfExists(pairingFile)
    }

    private companion object {
        /** A status that looks at the lock lets it go at once; everyone else waits that long. */
        const val LOCK_WAIT_MS = 400

        /** Each home has one of these. */
        val HOME_FILES = setOf("state.db", "home.json", "keys.json", "lock")

        /** What a new file system holds. */
        const val DISK_OWN = "lost+found"
        val OWNER_FOLDER: FileAttribute<Set<PosixFilePermission>> =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        val PRETTY =
            Json {
                prettyPrint = true
                prettyPrintIndent = "  "
            }
    }
}

/** The fields of a server as asks and `home.json` have them. */
internal fun formatServer(server: ServerAddress): JsonObject =
    buildJsonObject {
        put("url", server.url)
        if (server.pin != null) put("pin", server.pin)
    }

private fun formatPairing(pairing: Pairing): JsonObject =
    buildJsonObject {
        putJsonObject("server") { formatServer(pairing.server).forEach { (name, value) -> put(name, value) } }
        put("login", pairing.login)
        put("deviceName", pairing.deviceName)
    }

private fun parsePairing(text: String): Pairing? {
    val read = parseJsonObject(text) ?: return null
    val server = read["server"] as? JsonObject ?: return null
    val url = server.text("url") ?: return null
    if ("pin" in server && server.text("pin") == null) return null
    return Pairing(
        ServerAddress(url, server.text("pin")),
        read.text("login") ?: return null,
        read.text("deviceName") ?: return null,
    )
}

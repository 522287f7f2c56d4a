// Keys of the device in one file that only its owner may read (docs/host-api.md H-27). Rule: the file is replaced as a whole,
// on stable storage before anyone is told, and what it was before is overwritten.

package org.coffre.jvm

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.jvm.OWNER_FILE
import org.coffre.host.ports.Secrets
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.util.Base64
import java.nio.file.Files as Nio

private const val FORM = 1
private const val MOST_BYTES = 1_048_576
private val SLOT = Regex("[a-z0-9.-]{1,80}")

/** The file of the keys is there, and holds something else: cut, changed, or made by a newer Coffre. */
class KeysUnreadable : Exception("expected a file of keys of form $FORM")

/** The keys in [file], which is made when the first of them is. The form is that of the `coffre` command. */
class KeyFile(
    private val file: Path,
) : Secrets {
    private var slots: Map<String, ByteArray> = readKeys(file)
    private var isClosed = false

    @Synchronized
    override fun find(slot: String): ByteArray? = slots[slot]

    @Synchronized
    override fun write(
        slot: String,
        bytes: ByteArray,
    ) {
        var isKept = false
        try {
            replace(slots + (slot to bytes))
            isKept = true
        } finally {
            if (!isKept) bytes.fill(0)
        }
    }

    @Synchronized
    override fun erase(slot: String) {
        if (slot in slots) replace(slots - slot)
    }

    @Synchronized
    override fun close() {
        isClosed = true
        for (bytes in slots.values) bytes.fill(0)
        slots = emptyMap()
    }

    /** Nobody finds a key here that is not on the disk: whoever asked for it in vain asks again, and it would be done. */
    private fun replace(next: Map<String, ByteArray>) {
        check(!isClosed) { "the keys are closed" }
        val text = encodeKeys(next)
        try {
            save(text)
        } finally {
            text.fill(0)
        }
        for ((slot, bytes) in slots) if (next[slot] !== bytes) bytes.fill(0)
        slots = next
    }

    private fun save(text: ByteArray) {
        val before =
            try {
                FileChannel.open(file, WRITE)
            } catch (_: NoSuchFileException) {
                null
            }
        before.use {
            val draft = file.resolveSibling("${file.fileName}.new")
            Nio.deleteIfExists(draft)
            FileChannel.open(draft, setOf(WRITE, CREATE_NEW), OWNER_FILE).use { writeAll(it, text) }
            Nio.move(draft, file, ATOMIC_MOVE)
            FileChannel.open(file.toAbsolutePath().parent, READ).use { it.force(true) }
            if (before != null) writeAll(before, ByteArray(before.size().toInt()))
        }
    }
}

private fun writeAll(
    channel: FileChannel,
    bytes: ByteArray,
) {
    val left = ByteBuffer.wrap(bytes)
    var at = 0L
    while (left.hasRemaining()) at += channel.write(left, at)
    channel.force(true)
}

/** The file's text, built without a string that nobody could erase. */
private fun encodeKeys(slots: Map<String, ByteArray>): ByteArray {
    val parts = ArrayList<ByteArray>()
    parts += "{\"form\":$FORM,\"slots\":{".toByteArray()
    for ((index, slot) in slots.entries.withIndex()) {
        parts += "${if (index > 0) "," else ""}\"${slot.key}\":\"".toByteArray()
        parts += Base64.getEncoder().encode(slot.value)
        parts += "\"".toByteArray()
    }
    parts += "}}\n".toByteArray()
    val text = ByteArray(parts.sumOf { it.size })
    var at = 0
    for (part in parts) {
        part.copyInto(text, at)
        at += part.size
        part.fill(0)
    }
    return text
}

private fun readKeys(file: Path): Map<String, ByteArray> {
    val bytes =
        try {
            if (Nio.size(file) > MOST_BYTES) throw KeysUnreadable()
            Nio.readAllBytes(file)
        } catch (_: NoSuchFileException) {
            return emptyMap()
        }
    // An error of the JSON reader would quote what it could not read, which is keys.
    val keys = runCatching { parseKeys(bytes.toString(Charsets.UTF_8)) }.getOrNull()
    bytes.fill(0)
    return keys ?: throw KeysUnreadable()
}

private fun parseKeys(text: String): Map<String, ByteArray>? {
    val read = Json.parseToJsonElement(text) as JsonObject
    if ((read["form"] as JsonPrimitive).content != "$FORM") return null
    val keys = LinkedHashMap<String, ByteArray>()
    for ((slot, written) in read["slots"] as JsonObject) {
        val value = written as JsonPrimitive
        if (!value.isString || !SLOT.matches(slot)) return null
        keys[slot] = Base64.getDecoder().decode(value.content).also { if (it.isEmpty()) return null }
    }
    return keys
}

// Effects of keys. Rule: what was a key, or was opened, is zeros when its effect is over, however that ended.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.jvm.KeyFile
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.GcmBox
import org.coffre.host.runtime.json
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

class KeyEffectsTest {
    @TempDir
    lateinit var folder: Path
    private val crypto = SeenCrypto()
    private val slots by lazy { Slots(KeyFile(folder.resolve("keys.json")), crypto) }
    private val effects by lazy { KeyEffects(slots, Sealing(crypto), HashedBytes(1_024), PassphraseSource.NOBODY) }
    private val context = "coffre/1/record/${"0".repeat(64)}"

    @Test
    fun `a derived key that is answered leaves nothing of it behind`() {
        slots.write("from", Storage.MEMORY, ByteArray(32) { 7 })
        val derived = derive(""""answer"""")
        assertEquals(32, derived.bytes("bytes").size)
        crypto.assertErased()
    }

    @Test
    fun `a key that could not be kept leaves nothing of it behind`() {
        slots.write("from", Storage.MEMORY, ByteArray(32) { 7 })
        Files.createDirectories(folder.resolve("keys.json.new/in the way"))
        assertThrows(IOException::class.java) { derive("""{"slot":"to","storage":"device"}""") }
        crypto.assertErased()
    }

    @Test
    fun `opened bytes are answered as they were sealed, and leave nothing of them behind`() {
        slots.write("root", Storage.MEMORY, ByteArray(32) { 7 })
        val content = ByteArray(100) { it.toByte() }
        val sealed = effects.seal(json(seal(content)))
        crypto.seen.clear()
        val opened = effects.open(json("""{"slot":"root","context":"$context","bytes":${sealed["bytes"]}}"""))
        assertArrayEquals(content, opened.bytes("bytes"))
        crypto.assertErased()
    }

    private fun seal(content: ByteArray) = """{"slot":"root","context":"$context","bytes":"${formatBase64(content)}"}"""

    private fun derive(to: String): JsonObject =
        effects.derive(json("""{"from":{"slot":"from"},"how":{"hkdf":"coffre/1/test"},"to":$to}"""))

    /** Keeps every array that held a key or opened bytes. */
    private class SeenCrypto(
        private val real: CryptoProvider = JcaCryptoProvider(null),
    ) : CryptoProvider by real {
        val seen = ArrayList<ByteArray>()

        override fun hmacSha256(
            key: ByteArray,
            vararg messages: ByteArray,
        ): ByteArray = real.hmacSha256(key, *messages).also { if (messages.last().size == 1) seen += it }

        override fun openGcm(
            box: GcmBox,
            sealed: ByteSlice,
            into: ByteArray,
            at: Int,
        ): Boolean = real.openGcm(box, sealed, into, at).also { seen += into }

        fun assertErased() {
            assertEquals(true, seen.isNotEmpty())
            for (bytes in seen) assertArrayEquals(ByteArray(bytes.size), bytes)
        }
    }
}

// Effects of keys. Rule: what was a key, or was opened, is zeros when its effect is over, however that ended.

package org.coffre.host.effects

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.GcmBox
import org.coffre.host.ports.Secrets
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import java.io.IOException

class KeyEffectsTest {
    private val crypto = SeenCrypto()
    private val slots = Slots(FullStorage, crypto)
    private val effects = KeyEffects(slots, Sealing(crypto), HashedBytes(1_024), PassphraseSource.NOBODY)
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
        assertThrows(IOException::class.java) { derive("""{"slot":"to","storage":"device"}""") }
        crypto.assertErased()
    }

    @Test
    fun `opened bytes are answered as they were sealed, and leave nothing of them behind`() {
        slots.write("root", Storage.MEMORY, ByteArray(32) { 7 })
        val content = ByteArray(100) { it.toByte() }
        val sealed = effects.seal(parse(seal(content)))
        crypto.seen.clear()
        val opened = effects.open(parse("""{"slot":"root","context":"$context","bytes":${sealed["bytes"]}}"""))
        assertArrayEquals(content, opened.bytes("bytes"))
        crypto.assertErased()
    }

    private fun seal(content: ByteArray) = """{"slot":"root","context":"$context","bytes":"${formatBase64(content)}"}"""

    private fun derive(to: String): JsonObject =
        effects.derive(parse("""{"from":{"slot":"from"},"how":{"hkdf":"coffre/1/test"},"to":$to}"""))

    private fun parse(text: String): JsonObject = Json.parseToJsonElement(text).jsonObject

    /** A platform's storage that takes no key. */
    private object FullStorage : Secrets {
        override fun find(slot: String): ByteArray? = null

        override fun write(
            slot: String,
            bytes: ByteArray,
        ) {
            bytes.fill(0)
            throw IOException("no space")
        }

        override fun erase(slot: String) = Unit

        override fun close() = Unit
    }

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

// The byte plane on each provider. Rule: the shared vectors decide, and every provider gives the same bytes.

package org.coffre.host.plane

import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.ports.Argon2Cost
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.formatHex
import org.coffre.host.runtime.RefusedEffect
import org.conscrypt.Conscrypt
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.Arguments
import org.junit.jupiter.params.provider.MethodSource

class SealingVectorsTest {
    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("sealVectors")
    fun `seals as the vectors say`(
        name: String,
        sealing: Sealing,
        vector: Vector,
    ) {
        val seal = { sealing.seal(vector.input.hex("root"), vector.input.string("context"), vector.input.hex("bytes")) }
        val expected = vector.expected
        if (expected == null) {
            assertThrows(RefusedEffect::class.java) { seal() }
        } else {
            assertEquals(expected.string("sealed"), formatHex(seal()))
        }
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("openVectors")
    fun `opens as the vectors say, and nothing else`(
        name: String,
        sealing: Sealing,
        vector: Vector,
    ) {
        val sealed = vector.input.hex("sealed")
        val context = vector.input.string("context")
        val open = { sealing.openBare(vector.input.hex("root"), context, ByteSlice(sealed, 0, sealed.size)) }
        val expected = vector.expected
        if (expected != null) {
            val opened = checkNotNull(open())
            assertEquals(
                expected.string("bytes"),
                formatHex(
                    opened.bytes.copyOfRange(
                        opened.from,
                        opened.from + opened.length,
                    ),
                ),
            )
        } else if (isContext(context)) {
            assertNull(open())
        } else {
            assertThrows(RefusedEffect::class.java) { open() }
        }
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("contentVectors")
    fun `opens what a context names and nothing else, and nothing without the key`(
        name: String,
        sealing: Sealing,
        vector: Vector,
    ) {
        val context = vector.input.string("context")
        val open = { key: ByteArray? ->
            val sealed = vector.input.hex("sealed")
            sealing.openInPlace(vector.input.hex("root"), key, context, ByteSlice(sealed, 0, sealed.size))
        }
        val expected = vector.expected
        val opened = open(vector.input.hex("key"))
        if (expected == null) {
            assertEquals(Opened.OtherContent, opened)
        } else {
            val slice = (opened as Opened.Bytes).slice
            val bytes = slice.bytes.copyOfRange(slice.from, slice.from + slice.length)
            assertEquals(expected.string("bytes"), formatHex(bytes))
        }
        if (contentId(context) != null) assertThrows(RefusedEffect::class.java) { open(null) }
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("hkdfVectors")
    fun `derives keys as the vectors say`(
        name: String,
        sealing: Sealing,
        vector: Vector,
    ) {
        val derived = sealing.deriveKey(vector.input.hex("key"), vector.input.string("info").toByteArray())
        assertEquals(vector.expected?.string("key"), formatHex(derived))
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("digestVectors")
    fun `makes keyed digests as the vectors say`(
        name: String,
        sealing: Sealing,
        vector: Vector,
    ) {
        val bytes = ByteArray(vector.input.int("count").toInt()) { it.toByte() }
        val sha256 = sealing.sha256(ByteSlice(bytes, 0, bytes.size))
        assertEquals(vector.expected?.string("digest"), sealing.digestKeyed(vector.input.hex("key"), sha256))
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    fun `seals and opens sizes around a block and a chunk, in place and from the middle of an array`(
        name: String,
        sealing: Sealing,
    ) {
        val root = ByteArray(32) { 7 }
        for (size in listOf(0, 1, 15, 16, 17, 4_095, 4_096, 4_097, 983_039, 983_040, 983_041)) {
            val plain = ByteArray(size) { (it * 31 + size).toByte() }
            val slice = ByteSlice(plain, 0, size)
            val array = ByteArray(size + SEAL_BYTES + 10) { 9 }
            sealing.seal(root, CONTEXT, slice, sealing.sha256(slice), array, 5)
            assertArrayEquals(ByteArray(5) { 9 }, array.copyOfRange(0, 5))
            assertArrayEquals(ByteArray(5) { 9 }, array.copyOfRange(array.size - 5, array.size))
            val opened = checkNotNull(sealing.openBare(root, CONTEXT, ByteSlice(array, 5, size + SEAL_BYTES)))
            assertArrayEquals(plain, array.copyOfRange(opened.from, opened.from + opened.length))
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    fun `leaves nothing opened behind when the tag or the nonce is wrong`(
        name: String,
        sealing: Sealing,
    ) {
        val root = ByteArray(32) { 7 }
        val plain = ByteArray(1_000) { 1 }
        for (at in listOf(0, 11, 12, 500, 1_027)) {
            val sealed = sealing.seal(root, CONTEXT, plain)
            sealed[at] = (sealed[at].toInt() xor 1).toByte()
            assertNull(sealing.openBare(root, CONTEXT, ByteSlice(sealed, 0, sealed.size)))
            assertTrue((0..1_000).none { sealed.copyOfRange(it, it + 8).all { byte -> byte == 1.toByte() } })
        }
        // Sealed by somebody who has the keys and takes a nonce of his own: the tag is right.
        val key = sealing.crypto.hmacSha256(root, CONTEXT.toByteArray(), byteArrayOf(1))
        val forged = ByteArray(plain.size + SEAL_BYTES)
        val box =
            org.coffre.host.ports
                .GcmBox(key, ByteArray(12), CONTEXT.toByteArray())
        sealing.crypto.sealGcm(box, ByteSlice(plain, 0, plain.size), forged, 12)
        assertNull(sealing.openBare(root, CONTEXT, ByteSlice(forged, 0, forged.size)))
        assertTrue(forged.copyOfRange(12, 1_012).all { it == 0.toByte() })
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("argonVectors")
    fun `stretches passphrases as the vectors say`(vector: Vector) {
        val input = vector.input
        val cost =
            Argon2Cost(
                input.hex("salt"),
                input.int("memoryKiB").toInt(),
                input.int("passes").toInt(),
                input.int("lanes").toInt(),
            )
        val key = JcaCryptoProvider(null).argon2id(input.hex("passphrase"), cost)
        assertEquals(vector.expected?.string("stretched"), formatHex(key))
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contextVectors")
    fun `knows the contexts of the table alone`(vector: Vector) {
        assertEquals(vector.expected != null, isContext(vector.input.string("context")))
    }

    companion object {
        private val CONTEXT = "coffre/1/chunk/${"0123456789abcdef".repeat(4)}"
        private val PROVIDERS: List<CryptoProvider> =
            listOf(JcaCryptoProvider(null), JcaCryptoProvider(Conscrypt.newProvider()))

        @JvmStatic
        fun providers(): List<Arguments> = PROVIDERS.map { Arguments.of(it.name, Sealing(it)) }

        @JvmStatic
        fun sealVectors() = onEachProvider("seal")

        @JvmStatic
        fun openVectors() = onEachProvider("open")

        @JvmStatic
        fun contentVectors() = onEachProvider("open-content")

        @JvmStatic
        fun hkdfVectors() = onEachProvider("hkdf")

        @JvmStatic
        fun digestVectors() = onEachProvider("keyed-digest")

        /** Those within the bounds: what is outside is refused before it comes here. */
        @JvmStatic
        fun argonVectors() = readVectors("argon2id").filter { it.expected != null }

        @JvmStatic
        fun contextVectors() = readVectors("contexts")

        private fun onEachProvider(area: String): List<Arguments> =
            PROVIDERS.flatMap { provider ->
                readVectors(area).map { Arguments.of(provider.name, Sealing(provider), it) }
            }
    }
}

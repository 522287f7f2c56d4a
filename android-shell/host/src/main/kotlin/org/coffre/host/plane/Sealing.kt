// The constructions of the byte plane (docs/format.md §2, §3, F-51). Rule: chunks are sealed and opened where they stand; the
// keys of a message are erased when it is done.

package org.coffre.host.plane

import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.GcmBox
import org.coffre.host.ports.decodeHex
import org.coffre.host.ports.formatHex
import org.coffre.host.runtime.RefusedEffect
import java.security.MessageDigest

/** How much longer sealed bytes are (F-20): nonce and tag. */
const val SEAL_BYTES = 28

private const val NONCE_BYTES = 12
private const val KEY_BYTES = 32
private val FIRST_BLOCK = byteArrayOf(1)
private val SECOND_BLOCK = byteArrayOf(2)

/** What opening gives: bytes where they were sealed, or why there are none. */
sealed interface Opened {
    class Bytes(
        val slice: ByteSlice,
    ) : Opened

    data object NotAuthentic : Opened

    data object OtherContent : Opened
}

/** Sealing, opening and digesting by one provider. Any thread. */
class Sealing(
    val crypto: CryptoProvider,
) {
    /** SHA-256 of a slice. */
    fun sha256(slice: ByteSlice): ByteArray =
        crypto.makeSha256().run {
            update(slice.bytes, slice.from, slice.length)
            digest()
        }

    /** The keyed digest of a chunk, in hex, from the chunk's SHA-256 (F-51). */
    fun digestKeyed(
        key: ByteArray,
        chunkSha256: ByteArray,
    ): String = formatHex(crypto.hmacSha256(key, chunkSha256))

    /** HKDF-SHA-256 with an empty salt, 32 bytes (docs/format.md §1, RFC 5869). */
    fun deriveKey(
        key: ByteArray,
        info: ByteArray,
    ): ByteArray {
        val extracted = crypto.hmacSha256(ByteArray(KEY_BYTES), key)
        return crypto.hmacSha256(extracted, info, FIRST_BLOCK).also { extracted.fill(0) }
    }

    /**
     * Seals [plain], whose SHA-256 is [plainSha256], to [into] at [at] (F-20), [SEAL_BYTES] more than it was. Throws
     * RefusedEffect for a context outside the table.
     */
    fun seal(
        root: ByteArray,
        context: String,
        plain: ByteSlice,
        plainSha256: ByteArray,
        into: ByteArray,
        at: Int,
    ) {
        useKeys(root, context) { key, nonceKey ->
            val nonce = crypto.hmacSha256(nonceKey, plainSha256).copyOf(NONCE_BYTES)
            nonce.copyInto(into, at)
            crypto.sealGcm(GcmBox(key, nonce, context.toByteArray()), plain, into, at + NONCE_BYTES)
        }
    }

    /** [plain] sealed, in a new array. */
    fun seal(
        root: ByteArray,
        context: String,
        plain: ByteArray,
    ): ByteArray {
        val slice = ByteSlice(plain, 0, plain.size)
        return ByteArray(plain.size + SEAL_BYTES).also { seal(root, context, slice, sha256(slice), it, 0) }
    }

    /**
     * Opens [sealed] to its own array, from where its ciphertext begins, as effects open: authentic under this root and
     * context, nonce included (F-21), and where the context names a content, that content and no other under [digestKey]
     * (F-23). When it is not opened, that part of the array is zeros. Throws RefusedEffect for a context outside the
     * table, and for one of a content without a key.
     */
    fun openInPlace(
        root: ByteArray,
        digestKey: ByteArray?,
        context: String,
        sealed: ByteSlice,
    ): Opened {
        val id = contentId(context)
        if (id != null && digestKey == null) throw RefusedEffect("expected the key that names contents")
        var bytesSha256 = ByteArray(0)
        val opened = openBare(root, context, sealed) { bytesSha256 = it } ?: return Opened.NotAuthentic
        if (id == null || digestKey == null) return Opened.Bytes(opened)
        val isIt = MessageDigest.isEqual(crypto.hmacSha256(digestKey, bytesSha256), decodeHex(id))
        if (!isIt) opened.bytes.fill(0, opened.from, opened.from + opened.length)
        return if (isIt) Opened.Bytes(opened) else Opened.OtherContent
    }

    /**
     * The bare construction of F-21: the opened bytes, whose SHA-256 [seen] is given, or null, and then that part of the
     * array is zeros. No effect opens by it alone.
     */
    fun openBare(
        root: ByteArray,
        context: String,
        sealed: ByteSlice,
        seen: (bytesSha256: ByteArray) -> Unit = {},
    ): ByteSlice? =
        useKeys(root, context) { key, nonceKey ->
            if (sealed.length < SEAL_BYTES) return@useKeys null
            val bytes = sealed.bytes
            val nonce = bytes.copyOfRange(sealed.from, sealed.from + NONCE_BYTES)
            val at = sealed.from + NONCE_BYTES
            val box = ByteSlice(bytes, at, sealed.length - NONCE_BYTES)
            val opened = ByteSlice(bytes, at, sealed.length - SEAL_BYTES)
            val isAuthentic =
                crypto.openGcm(GcmBox(key, nonce, context.toByteArray()), box, bytes, at) &&
                    sha256(opened).let {
                        seen(it)
                        MessageDigest.isEqual(crypto.hmacSha256(nonceKey, it).copyOf(NONCE_BYTES), nonce)
                    }
            if (!isAuthentic) bytes.fill(0, at, at + opened.length)
            if (isAuthentic) opened else null
        }

    /** HKDF-Expand to 64 bytes (RFC 5869 §2.3): two blocks, a key each. */
    private inline fun <T> useKeys(
        root: ByteArray,
        context: String,
        work: (key: ByteArray, nonceKey: ByteArray) -> T,
    ): T {
        if (root.size != KEY_BYTES) throw RefusedEffect("expected a root of 32 bytes")
        if (!isContext(context)) throw RefusedEffect("expected a context of the table")
        val info = context.toByteArray()
        val key = crypto.hmacSha256(root, info, FIRST_BLOCK)
        val nonceKey = crypto.hmacSha256(root, key, info, SECOND_BLOCK)
        try {
            return work(key, nonceKey)
        } finally {
            key.fill(0)
            nonceKey.fill(0)
        }
    }
}

// Cryptography that a platform brings (docs/format.md §1). Rule: bytes stay where they are; no call copies a whole chunk.

package org.coffre.host.ports

/** The algorithms of the byte plane. Any thread; what it makes belongs to one thread. */
interface CryptoProvider {
    /** For reports: which implementation this is. */
    val name: String

    /** A new SHA-256. */
    fun makeSha256(): Sha256

    /** HMAC-SHA-256 (RFC 2104) of the concatenation of [messages]. */
    fun hmacSha256(
        key: ByteArray,
        vararg messages: ByteArray,
    ): ByteArray

    /** AES-256-GCM (NIST SP 800-38D): writes ciphertext and tag, 16 bytes more than [plain], to [into] at [at]. */
    fun sealGcm(
        box: GcmBox,
        plain: ByteSlice,
        into: ByteArray,
        at: Int,
    )

    /**
     * The reverse: [sealed] is ciphertext and tag, whose array may be [into]. false when the tag is wrong; then what is in
     * [into] is undefined.
     */
    fun openGcm(
        box: GcmBox,
        sealed: ByteSlice,
        into: ByteArray,
        at: Int,
    ): Boolean

    /** Argon2id version 0x13 (RFC 9106), 32 bytes. */
    fun argon2id(
        message: ByteArray,
        cost: Argon2Cost,
    ): ByteArray

    /** Random bytes of the system's generator. */
    fun randomBytes(count: Int): ByteArray
}

/** A hash under way. */
interface Sha256 {
    fun update(
        bytes: ByteArray,
        from: Int,
        length: Int,
    )

    /** The 32 bytes; begins anew. */
    fun digest(): ByteArray
}

/** Key, nonce and associated data of one AES-256-GCM message. */
class GcmBox(
    val key: ByteArray,
    val nonce: ByteArray,
    val associated: ByteArray,
)

/** Salt and cost of Argon2id. */
class Argon2Cost(
    val salt: ByteArray,
    val memoryKiB: Int,
    val passes: Int,
    val lanes: Int,
)

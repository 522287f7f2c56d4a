// Cryptography by the JDK's provider architecture, so that its own implementation, Conscrypt's and Android's are one class.
// Rule: what is fast here is what the provider makes fast; Argon2id, which no provider has, is Bouncy Castle's.

package org.coffre.host.jvm

import org.bouncycastle.crypto.generators.Argon2BytesGenerator
import org.bouncycastle.crypto.params.Argon2Parameters
import org.coffre.host.ports.Argon2Cost
import org.coffre.host.ports.ByteSlice
import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.GcmBox
import org.coffre.host.ports.Sha256
import java.security.MessageDigest
import java.security.Provider
import java.security.SecureRandom
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.Mac
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

private const val TAG_BITS = 128
private const val KEY_BYTES = 32
private const val NONCE_BYTES = 12
private const val PIECE_BYTES = 1_024
private const val WARM_PIECES = 1_024
private const val MOST_WARM_UPS = 64

/** 200 MB/s: four times what the JDK's AES does at first, a tenth of what it can do. */
private const val SLOW_NS_PER_BYTE = 5L
private const val SHA = "SHA-256"
private const val HMAC = "HmacSHA256"
private const val GCM = "AES/GCM/NoPadding"

/**
 * AES by [aes], or by the platform's own order of providers when it is null; hashes always by that order: a native one would be
 * handed the whole array of which it is to hash a part.
 */
class JcaCryptoProvider(
    private val aes: Provider?,
) : CryptoProvider {
    private val random = SecureRandom()

    override val name: String = aes?.name ?: makeCipher().provider.name

    /**
     * The JDK's AES is a matter of 50 MB/s until its compiler has noticed it, which takes many calls, whatever their length:
     * hundreds of whole chunks, or a few of them in small pieces. Then it is forty times as fast.
     */
    private val isJdk = name == "SunJCE"
    private val warmUps = AtomicInteger()

    override fun makeSha256(): Sha256 {
        val digest = MessageDigest.getInstance(SHA)
        return object : Sha256 {
            override fun update(
                bytes: ByteArray,
                from: Int,
                length: Int,
            ) = digest.update(bytes, from, length)

            override fun digest(): ByteArray = digest.digest()
        }
    }

    override fun hmacSha256(
        key: ByteArray,
        vararg messages: ByteArray,
    ): ByteArray {
        val mac = Mac.getInstance(HMAC)
        mac.init(SecretKeySpec(if (key.isEmpty()) EMPTY_KEY else key, HMAC))
        for (message in messages) mac.update(message)
        return mac.doFinal()
    }

    override fun sealGcm(
        box: GcmBox,
        plain: ByteSlice,
        into: ByteArray,
        at: Int,
    ) {
        val cipher = initCipher(Cipher.ENCRYPT_MODE, box)
        if (!isJdk) {
            doFinalInOwnArrays(cipher, plain, into, at)
            return
        }
        var done = 0
        while (plain.length - done > PIECE_BYTES) {
            done += cipher.update(plain.bytes, plain.from + done, PIECE_BYTES, into, at + done)
        }
        cipher.doFinal(plain.bytes, plain.from + done, plain.length - done, into, at + done)
    }

    /**
     * Native providers are handed whole arrays, which the virtual machine copies there and back: for a chunk in a body of
     * 8 MiB that is 16 MiB, for a small file too. Arrays of the message's own size are cheaper by far.
     */
    private fun doFinalInOwnArrays(
        cipher: Cipher,
        message: ByteSlice,
        into: ByteArray,
        at: Int,
    ) {
        val isWhole = message.from == 0 && message.length == message.bytes.size
        val own = if (isWhole) message.bytes else message.bytes.copyOfRange(message.from, message.from + message.length)
        val done = cipher.doFinal(own)
        done.copyInto(into, at)
        // Either may be a key.
        done.fill(0)
        if (!isWhole) own.fill(0)
    }

    override fun openGcm(
        box: GcmBox,
        sealed: ByteSlice,
        into: ByteArray,
        at: Int,
    ): Boolean =
        try {
            val cipher = initCipher(Cipher.DECRYPT_MODE, box)
            if (isJdk) openByJdk(cipher, sealed, into, at) else doFinalInOwnArrays(cipher, sealed, into, at)
            true
        } catch (_: AEADBadTagException) {
            false
        }

    override fun argon2id(
        message: ByteArray,
        cost: Argon2Cost,
    ): ByteArray {
        val parameters =
            Argon2Parameters
                .Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(cost.salt)
                .withMemoryAsKB(cost.memoryKiB)
                .withIterations(cost.passes)
                .withParallelism(cost.lanes)
                .build()
        val key = ByteArray(KEY_BYTES)
        Argon2BytesGenerator().apply { init(parameters) }.generateBytes(message, key)
        return key
    }

    override fun randomBytes(count: Int): ByteArray = ByteArray(count).also(random::nextBytes)

    private fun openByJdk(
        cipher: Cipher,
        sealed: ByteSlice,
        into: ByteArray,
        at: Int,
    ) {
        val beganNs = System.nanoTime()
        cipher.doFinal(sealed.bytes, sealed.from, sealed.length, into, at)
        val isSlow = System.nanoTime() - beganNs > sealed.length * SLOW_NS_PER_BYTE
        if (isSlow && sealed.length > PIECE_BYTES && warmUps.getAndIncrement() < MOST_WARM_UPS) warmUp()
    }

    /** Opening is done in whole messages only. Sealing nothing of value in small pieces warms the same code. */
    private fun warmUp() {
        val cipher =
            initCipher(Cipher.ENCRYPT_MODE, GcmBox(randomBytes(KEY_BYTES), randomBytes(NONCE_BYTES), ByteArray(0)))
        val piece = ByteArray(PIECE_BYTES)
        repeat(WARM_PIECES) { cipher.update(piece, 0, PIECE_BYTES, piece, 0) }
    }

    private fun makeCipher(): Cipher = if (aes == null) Cipher.getInstance(GCM) else Cipher.getInstance(GCM, aes)

    private fun initCipher(
        mode: Int,
        box: GcmBox,
    ): Cipher =
        makeCipher().apply {
            init(mode, SecretKeySpec(box.key, "AES"), GCMParameterSpec(TAG_BITS, box.nonce))
            updateAAD(box.associated)
        }

    companion object {
        /** HMAC fills a short key with zeros (RFC 2104 §2); javax.crypto takes none that is empty. */
        private val EMPTY_KEY = ByteArray(1)
    }
}

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
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

private const val KEY_BYTES = 32
private const val SHA = "SHA-256"
private const val HMAC = "HmacSHA256"
private const val GCM = "AES/GCM/NoPadding"

/**
 * Hashes by the platform's own order of providers, and AES by [aes], or by that order too when it is null. On HotSpot the JDK's
 * hashes are no slower than native code.
 */
class JcaCryptoProvider(
    private val aes: Provider?,
) : CryptoProvider {
    private val random = SecureRandom()

    override val name: String = aes?.name ?: makeCipher().provider.name

    private val ciphers =
        when (name) {
            "SunJCE" -> JdkGcmCiphers(::makeCipher)
            "Conscrypt" -> NativeGcmCiphers(::makeCipher)
            else -> GcmCiphers(::makeCipher)
        }

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
    ) = ciphers.seal(box, plain, into, at)

    override fun openGcm(
        box: GcmBox,
        sealed: ByteSlice,
        into: ByteArray,
        at: Int,
    ): Boolean =
        try {
            ciphers.open(box, sealed, into, at)
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

    private fun makeCipher(): Cipher = if (aes == null) Cipher.getInstance(GCM) else Cipher.getInstance(GCM, aes)

    companion object {
        /** HMAC fills a short key with zeros (RFC 2104 §2); javax.crypto takes none that is empty. */
        private val EMPTY_KEY = ByteArray(1)

        /** AES by Conscrypt's native code. Throws what loading it throws where there is none for this machine. */
        fun conscrypt(): JcaCryptoProvider = JcaCryptoProvider(org.conscrypt.Conscrypt.newProvider())
    }
}

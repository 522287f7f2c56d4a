// The Android Keystore, which Robolectric lacks: AES keys in memory, or in a file when they are to outlive the process. Rule: as on
// a phone, a key is made by its specification alone and found by its alias.

package org.coffre.app.stage

import android.security.keystore.KeyGenParameterSpec
import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Base64
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

object FakeKeystore {
    private const val NAME = "AndroidKeyStore"
    private const val BITS_A_BYTE = 8
    private const val USUAL_BITS = 256

    /** Cleared, all keys are lost. */
    val keys = ConcurrentHashMap<String, SecretKey>()
    private var file: File? = null

    fun install() {
        keys.clear()
        file = null
        Security.removeProvider(NAME)
        Security.addProvider(Keystores())
    }

    fun remove() = Security.removeProvider(NAME)

    /** Keeps the keys in [file], which only its owner can read, and begins with those that are there. */
    fun keepIn(file: File) {
        this.file = file
        if (!file.exists()) return
        for (line in file.readLines()) {
            val (alias, key) = line.split(' ')
            keys[alias] = SecretKeySpec(Base64.getDecoder().decode(key), "AES")
        }
    }

    private fun save() {
        val to = file ?: return
        if (to.createNewFile()) {
            to.setReadable(false, false)
            to.setReadable(true, true)
            to.setWritable(false, false)
            to.setWritable(true, true)
        }
        to.writeText(
            keys.entries.joinToString(
                "",
            ) { (alias, key) -> "$alias ${Base64.getEncoder().encodeToString(key.encoded)}\n" },
        )
    }

    private class Keystores : Provider(NAME, "1.0", "fake") {
        init {
            putService(of("KeyStore", NAME, Store::class.java) { Store() })
            putService(of("KeyGenerator", "AES", Generator::class.java) { Generator() })
        }

        private fun of(
            type: String,
            algorithm: String,
            made: Class<*>,
            make: () -> Any,
        ) = object : Service(this, type, algorithm, made.name, null, null) {
            override fun newInstance(constructorParameter: Any?): Any = make()
        }
    }

    private class Generator : KeyGeneratorSpi() {
        private var alias = ""
        private var bits = USUAL_BITS

        override fun engineInit(random: SecureRandom?) = throw UnsupportedOperationException()

        override fun engineInit(
            keysize: Int,
            random: SecureRandom?,
        ) = throw UnsupportedOperationException()

        override fun engineInit(
            params: AlgorithmParameterSpec?,
            random: SecureRandom?,
        ) {
            params as KeyGenParameterSpec
            alias = params.keystoreAlias
            if (params.keySize > 0) bits = params.keySize
        }

        override fun engineGenerateKey(): SecretKey {
            val bytes = ByteArray(bits / BITS_A_BYTE).also { SecureRandom().nextBytes(it) }
            return SecretKeySpec(bytes, "AES").also {
                keys[alias] = it
                save()
            }
        }
    }

    private class Store : KeyStoreSpi() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = keys[alias]

        override fun engineContainsAlias(alias: String) = keys.containsKey(alias)

        override fun engineDeleteEntry(alias: String) {
            keys.remove(alias)
        }

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(keys.keys)

        override fun engineSize() = keys.size

        override fun engineIsKeyEntry(alias: String) = keys.containsKey(alias)

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCreationDate(alias: String): Date? = Date(0)

        override fun engineGetCertificateAlias(cert: Certificate?): String? = null

        override fun engineSetKeyEntry(
            alias: String,
            key: Key,
            password: CharArray?,
            chain: Array<Certificate>?,
        ) = throw UnsupportedOperationException()

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray?,
            chain: Array<Certificate>?,
        ) = throw UnsupportedOperationException()

        override fun engineSetCertificateEntry(
            alias: String,
            cert: Certificate?,
        ) = throw UnsupportedOperationException()

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit
    }
}

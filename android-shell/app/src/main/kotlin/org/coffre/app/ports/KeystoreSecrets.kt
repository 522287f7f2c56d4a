// Keys of the device, each in a file of its own, sealed by a key that never leaves the Android Keystore (docs/host-api.md H-27).
// Rule: the slot's name is part of what is sealed, so that no file can stand in for another.

package org.coffre.app.ports

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import org.coffre.host.ports.Secrets
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.READ
import java.security.GeneralSecurityException
import java.security.KeyStore
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * The sealed keys cannot be opened any more: the phone was restored from a copy, or its maker drops keys when the lock changes.
 * Only pairing anew helps.
 */
class DeviceKeyGone : Exception("the key of the Android Keystore does not open the slots")

/** Slots in [folder]: nonce and AES-256-GCM message under the Keystore's key. */
class KeystoreSecrets(
    private val folder: File,
) : Secrets {
    private val known = HashMap<String, ByteArray>()

    init {
        if (!folder.isDirectory && !folder.mkdirs()) throw IOException("the folder of the slots cannot be made")
        for (draft in folder.listFiles().orEmpty()) if (draft.name.endsWith(DRAFT)) erase(draft)
    }

    /** Opens all slots that are there. Throws [DeviceKeyGone] when one cannot be opened. */
    fun verify() {
        for (file in folder.listFiles().orEmpty()) find(file.name)
    }

    @Synchronized
    override fun find(slot: String): ByteArray? = known[slot] ?: open(slot)?.also { known[slot] = it }

    @Synchronized
    override fun write(
        slot: String,
        bytes: ByteArray,
    ) {
        val sealed = seal(slot, bytes)
        val file = File(folder, slot)
        val draft = File(folder, "$slot$DRAFT")
        FileOutputStream(draft).use {
            it.write(sealed)
            it.fd.sync()
        }
        Files.move(draft.toPath(), file.toPath(), ATOMIC_MOVE)
        flushFolder()
        known.put(slot, bytes)?.fill(0)
    }

    @Synchronized
    override fun erase(slot: String) {
        known.remove(slot)?.fill(0)
        val file = File(folder, slot)
        if (!file.exists()) return
        erase(file)
        flushFolder()
    }

    @Synchronized
    override fun close() {
        for (bytes in known.values) bytes.fill(0)
        known.clear()
    }

    private fun erase(file: File) {
        FileOutputStream(file, true).use {
            it.channel.position(0)
            it.write(ByteArray(file.length().toInt()))
            it.fd.sync()
        }
        Files.delete(file.toPath())
    }

    private fun flushFolder() = FileChannel.open(folder.toPath(), READ).use { it.force(true) }

    private fun seal(
        slot: String,
        bytes: ByteArray,
    ): ByteArray {
        val cipher = Cipher.getInstance(GCM)
        cipher.init(Cipher.ENCRYPT_MODE, findKey() ?: makeKey())
        cipher.updateAAD(slot.toByteArray(Charsets.US_ASCII))
        return cipher.iv + cipher.doFinal(bytes)
    }

    private fun open(slot: String): ByteArray? {
        val file = File(folder, slot)
        if (!file.exists()) return null
        val sealed = file.readBytes()
        try {
            if (sealed.size <= NONCE_BYTES) throw DeviceKeyGone()
            val cipher = Cipher.getInstance(GCM)
            val key = findKey() ?: throw DeviceKeyGone()
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES))
            cipher.updateAAD(slot.toByteArray(Charsets.US_ASCII))
            return cipher.doFinal(sealed, NONCE_BYTES, sealed.size - NONCE_BYTES)
        } catch (_: GeneralSecurityException) {
            throw DeviceKeyGone()
        }
    }

    private fun findKey(): SecretKey? = KeyStore.getInstance(STORE).apply { load(null) }.getKey(KEY, null) as SecretKey?

    private fun makeKey(): SecretKey {
        // A new key beside slots of an old one would hide that the old one is gone.
        if (folder.listFiles().orEmpty().any { !it.name.endsWith(DRAFT) }) throw DeviceKeyGone()
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec =
            KeyGenParameterSpec
                .Builder(KEY, purposes)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(KEY_BITS)
                .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).apply { init(spec) }.generateKey()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val KEY = "coffre"
        const val GCM = "AES/GCM/NoPadding"
        const val KEY_BITS = 256
        const val TAG_BITS = 128
        const val NONCE_BYTES = 12

        /** No slot's name has this character. */
        const val DRAFT = "~"
    }
}

// Slots behind the Keystore. Rule: nothing on the disk is of use without the Keystore's key, or under another name.

package org.coffre.app.ports

import org.coffre.app.stage.FakeKeystore
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File

@RunWith(RobolectricTestRunner::class)
@Config(application = android.app.Application::class, sdk = [26, 34])
class KeystoreSecretsTest {
    @get:Rule
    val folder = TemporaryFolder()
    private val slots get() = File(folder.root, "slots")
    private val key get() = ByteArray(32) { it.toByte() }

    @Before
    fun open() = FakeKeystore.install()

    @After
    fun close() = FakeKeystore.remove()

    @Test
    fun aSlotOutlivesTheProcessAndItsBytesAreNotOnTheDisk() {
        KeystoreSecrets(slots).use { it.write("device.seed", key) }
        KeystoreSecrets(slots).use { assertArrayEquals(key, it.find("device.seed")) }
        val onDisk = File(slots, "device.seed").readBytes().toList()
        assertEquals(-1, java.util.Collections.indexOfSubList(onDisk, key.take(4)))
    }

    @Test
    fun aFileUnderAnotherSlotsNameIsRefused() {
        KeystoreSecrets(slots).use {
            it.write("one", key)
            it.write("two", ByteArray(32))
        }
        File(slots, "two").writeBytes(File(slots, "one").readBytes())
        KeystoreSecrets(slots).use { assertThrows(DeviceKeyGone::class.java) { it.find("two") } }
    }

    @Test
    fun withoutTheKeystoresKeyNothingIsReadAndNoNewKeyIsMade() {
        KeystoreSecrets(slots).use { it.write("one", key) }
        FakeKeystore.keys.clear()
        KeystoreSecrets(slots).use {
            assertThrows(DeviceKeyGone::class.java) { it.verify() }
            assertThrows(DeviceKeyGone::class.java) { it.write("two", key) }
        }
        assertEquals(emptySet<String>(), FakeKeystore.keys.keys.toSet())
    }

    @Test
    fun aFileThatWasCutIsRefused() {
        KeystoreSecrets(slots).use { it.write("one", key) }
        for (length in listOf(0, 12, 40)) {
            File(slots, "one").writeBytes(ByteArray(length))
            KeystoreSecrets(slots).use { assertThrows(DeviceKeyGone::class.java) { it.verify() } }
        }
    }

    @Test
    fun anErasedSlotIsGoneAndAHalfWrittenOneNeverWasThere() {
        KeystoreSecrets(slots).use {
            it.write("one", key)
            it.erase("one")
            it.erase("one")
            assertNull(it.find("one"))
        }
        File(slots, "two~").writeBytes(ByteArray(60))
        KeystoreSecrets(slots).use { it.verify() }
        assertEquals(emptyList<String>(), slots.list().orEmpty().toList())
    }
}

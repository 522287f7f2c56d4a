// The slots: named places of symmetric keys (docs/host-api.md H-27). Rule: a key leaves this file only inside the host, and
// nobody who was given one changes or keeps it.

package org.coffre.host.effects

import org.coffre.host.ports.CryptoProvider
import org.coffre.host.ports.Secrets

/** Where a slot is. */
enum class Storage { DEVICE, MEMORY }

private val SLOT = Regex("[a-z0-9.-]{1,80}")
private const val KEY_BYTES = 32

/** The slots of one home: those of the device in [secrets], the others here. Any thread. */
class Slots(
    private val secrets: Secrets,
    private val crypto: CryptoProvider,
) : AutoCloseable {
    private val memory = HashMap<String, ByteArray>()

    /** A copy of the slot's content, memory first, or null when it is absent. Its taker erases it. */
    @Synchronized
    fun find(slot: String): ByteArray? {
        checkSlot(slot)
        return (memory[slot] ?: secrets.find(slot))?.copyOf()
    }

    /** The same, of one storage. */
    @Synchronized
    fun read(
        slot: String,
        storage: Storage,
    ): ByteArray? {
        checkSlot(slot)
        return (if (storage == Storage.MEMORY) memory[slot] else secrets.find(slot))?.copyOf()
    }

    /** Draws 32 random bytes, unless the slot is there. */
    @Synchronized
    fun make(
        slot: String,
        storage: Storage,
    ) {
        val there = read(slot, storage)
        if (there == null) write(slot, storage, crypto.randomBytes(KEY_BYTES))
        there?.fill(0)
    }

    /** Keeps [bytes], which belong to the slots from now on. */
    @Synchronized
    fun write(
        slot: String,
        storage: Storage,
        bytes: ByteArray,
    ) {
        checkSlot(slot)
        if (storage == Storage.MEMORY) memory.put(slot, bytes)?.fill(0) else secrets.write(slot, bytes)
    }

    /** Overwrites and removes a slot, when it is there. */
    @Synchronized
    fun erase(
        slot: String,
        storage: Storage,
    ) {
        checkSlot(slot)
        if (storage == Storage.MEMORY) memory.remove(slot)?.fill(0) else secrets.erase(slot)
    }

    /** Overwrites what is in memory; the slots are of no use afterwards. */
    @Synchronized
    override fun close() {
        for (bytes in memory.values) bytes.fill(0)
        memory.clear()
        secrets.close()
    }

    /** Runs [work] with the slot's content, which is erased afterwards; null when the slot is absent. */
    inline fun <T : Any> use(
        slot: String,
        work: (ByteArray) -> T,
    ): T? {
        val key = find(slot) ?: return null
        try {
            return work(key)
        } finally {
            key.fill(0)
        }
    }

    /** As [use]; where no slot is named, [work] gets null. */
    inline fun <T : Any> useNamed(
        slot: String?,
        work: (ByteArray?) -> T,
    ): T? = if (slot == null) work(null) else use(slot, work)

    private fun checkSlot(slot: String) {
        if (!SLOT.matches(slot)) refuse("the name of a slot")
    }
}

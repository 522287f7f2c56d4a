// Where keys of the device are kept (docs/host-api.md H-27). Rule: on stable storage before a call returns, and nothing of
// what was replaced or erased stays readable.

package org.coffre.host.ports

/** The platform's secure storage. Any thread. */
interface Secrets : AutoCloseable {
    /** The content of a slot, or null. Nobody may change or keep it. */
    fun find(slot: String): ByteArray?

    /** Keeps [bytes], which belong to the storage from now on. */
    fun write(
        slot: String,
        bytes: ByteArray,
    )

    /** Overwrites and removes a slot; nothing happens when it is absent. */
    fun erase(slot: String)

    /** Overwrites what is in memory. */
    override fun close()
}

// Chunks that were just read and hashed, kept for the upload that follows (docs/host-api.md H-22). Rule: it saves reading a
// file twice and changes no answer; memory is one ring whose oldest chunks make room for new ones.

package org.coffre.host.plane

import org.coffre.host.ports.ByteSlice

/** A chunk that is still in the ring. Its bytes are good until the next [HashedBytes.reserve]. */
class HashedChunk(
    val slice: ByteSlice,
    /** SHA-256 of the bytes. */
    val sha256: ByteArray,
)

/** A ring of just-hashed chunks, found by slot and keyed digest. One thread at a time, but for [forget]. */
class HashedBytes(
    ringBytes: Int,
) {
    private class Held(
        val key: Key,
        val chunk: HashedChunk,
    ) {
        val start get() = chunk.slice.from
        val end get() = chunk.slice.from + chunk.slice.length
    }

    private data class Key(
        val slot: String,
        val digest: String,
    )

    private val ring = ByteArray(ringBytes)
    private val oldestFirst = ArrayDeque<Held>()
    private val byKey = HashMap<Key, Held>()
    private var at = 0

    /** Room for [length] bytes, or null when it is more than a quarter of the ring. Valid until the next call. */
    @Synchronized
    fun reserve(length: Int): ByteSlice? {
        if (length > ring.size / 4) return null
        if (at + length > ring.size) {
            drop(at, ring.size)
            at = 0
        }
        drop(at, at + length)
        return ByteSlice(ring, at, length)
    }

    /** Keeps what was read into the room reserved last, under the slot and digest that it has. */
    @Synchronized
    fun keep(
        slot: String,
        digest: String,
        slice: ByteSlice,
        sha256: ByteArray,
    ) {
        // What takes no room is in nobody's way, and would hide what is.
        if (slice.length == 0) return
        at = slice.from + slice.length
        val held = Held(Key(slot, digest), HashedChunk(slice, sha256))
        oldestFirst.addLast(held)
        byKey[held.key] = held
    }

    /** The chunk with this digest under this slot, or null when it is not, or no longer, here. */
    @Synchronized
    fun find(
        slot: String,
        digest: String,
    ): HashedChunk? = byKey[Key(slot, digest)]?.chunk

    /** Drops the chunks of a slot whose key is no longer the one that they were hashed under. */
    @Synchronized
    fun forget(slot: String) {
        byKey.keys.removeAll { it.slot == slot }
    }

    /** Drops chunks that lie between [from] and [to]: always the oldest ones. */
    private fun drop(
        from: Int,
        to: Int,
    ) {
        while (true) {
            val held = oldestFirst.firstOrNull() ?: break
            if (held.end <= from || held.start >= to) break
            oldestFirst.removeFirst()
            if (byKey[held.key] === held) byKey.remove(held.key)
        }
    }
}

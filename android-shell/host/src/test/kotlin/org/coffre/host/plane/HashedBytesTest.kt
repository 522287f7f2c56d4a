// The ring of chunks that were just hashed. Rule: what is found is what was kept, byte for byte, or nothing.

package org.coffre.host.plane

import org.coffre.host.ports.ByteSlice
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

class HashedBytesTest {
    @Test
    fun `finds a chunk under its slot and digest alone`() {
        val ring = HashedBytes(400)
        keep(ring, "slot", "digest", 10)
        assertNotNull(ring.find("slot", "digest"))
        assertNull(ring.find("other", "digest"))
        assertNull(ring.find("slot", "other"))
    }

    @Test
    fun `takes no chunk of more than a quarter of its size`() {
        val ring = HashedBytes(400)
        assertNotNull(ring.reserve(100))
        assertNull(ring.reserve(101))
        assertNotNull(ring.reserve(0))
    }

    @Test
    fun `gives what was kept, or nothing once its room was needed, over many rounds of every size`() {
        val ring = HashedBytes(1_000)
        val kept = LinkedHashMap<String, Int>()
        for (round in 0 until 2_000) {
            val length = round * 37 % 251
            keep(ring, "slot", "$round", length)
            kept["$round"] = length
            for ((digest, size) in kept) {
                val found = ring.find("slot", digest) ?: continue
                assertEquals(size, found.slice.length)
                for (at in 0 until size) assertEquals(digest.toInt().toByte(), found.slice.bytes[found.slice.from + at])
            }
            assertEquals(length > 0, ring.find("slot", "$round") != null)
            if (kept.size > 40) kept.remove(kept.keys.first())
        }
    }

    @Test
    fun `forgets the chunks of a slot that has another key`() {
        val ring = HashedBytes(400)
        keep(ring, "first", "digest", 10)
        keep(ring, "second", "digest", 10)
        ring.forget("first")
        assertNull(ring.find("first", "digest"))
        assertNotNull(ring.find("second", "digest"))
    }

    private fun keep(
        ring: HashedBytes,
        slot: String,
        digest: String,
        length: Int,
    ) {
        val room: ByteSlice = checkNotNull(ring.reserve(length))
        room.bytes.fill(digest.toIntOrNull()?.toByte() ?: 0, room.from, room.from + length)
        ring.keep(slot, digest, room, ByteArray(32))
    }
}

// How much memory the byte plane keeps. Rule: a fixed part of what the process may have, whatever the size of files.

package org.coffre.host.plane

private const val MIB = 1024 * 1024
private const val SMALL_HEAP_BYTES = 160L * MIB

/** [bodies] arrays of 8 MiB at most, and a ring of [ringBytes] for chunks that were just hashed. */
class ByteBudget(
    val bodies: Int,
    val ringBytes: Int,
) {
    companion object {
        /** What a heap of [heapBytes] bears beside an engine. */
        fun forHeap(heapBytes: Long): ByteBudget =
            if (heapBytes < SMALL_HEAP_BYTES) ByteBudget(2, 8 * MIB) else ByteBudget(4, 16 * MIB)
    }
}

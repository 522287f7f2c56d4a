// Listings of large folders, kept between the scans that continue them (docs/host-api.md H-20). Rule: a listing is used again
// only to go on exactly where the last answer ended; whoever begins a folder gets a new one.

package org.coffre.host.effects

import org.coffre.host.ports.ORDER_OF_NAMES

/** A folder's names in order, and how far they were answered. */
internal class Listing(
    private val names: List<String>,
    after: String?,
) {
    val madeNs = System.nanoTime()
    val size get() = names.size
    private var next = if (after == null) 0 else behind(after)

    /** The next name, or null at the end. */
    fun peek(): String? = names.getOrNull(next)

    /** Says that [peek] was answered. */
    fun advance() {
        next++
    }

    /** Whether the last name that was answered is [after]. */
    fun isAt(after: String): Boolean = next > 0 && names[next - 1] == after

    private fun behind(after: String): Int {
        val found = names.binarySearch(after, ORDER_OF_NAMES)
        return if (found < 0) -found - 1 else found + 1
    }
}

/** The listings that scans may go on with. Any thread; whoever took a listing out has it alone. */
internal class FolderListings {
    private data class Id(
        val root: String,
        val path: String,
    )

    private val kept = LinkedHashMap<Id, Listing>()

    /** The listing of a folder behind [after]: the kept one, or a new one of the names that [list] gives. */
    fun take(
        root: String,
        path: String,
        after: String?,
        list: () -> List<String>,
    ): Listing {
        val found = synchronized(kept) { kept.remove(Id(root, path)) }
        val isGood = found != null && after != null && found.isAt(after) && System.nanoTime() - found.madeNs < FRESH_NS
        return if (found != null && isGood) found else Listing(list().sortedWith(ORDER_OF_NAMES), after)
    }

    /** Keeps a listing that was not answered to its end. */
    fun put(
        root: String,
        path: String,
        listing: Listing,
    ) {
        if (listing.size > MOST_NAMES) return
        synchronized(kept) {
            kept[Id(root, path)] = listing
            var sum = kept.values.sumOf { it.size }
            val oldestFirst = kept.entries.iterator()
            while (sum > MOST_NAMES) {
                sum -= oldestFirst.next().value.size
                oldestFirst.remove()
            }
        }
    }

    private companion object {
        /** Names kept in all, about 80 bytes each. */
        const val MOST_NAMES = 150_000
        const val FRESH_NS = 300_000_000_000
    }
}

// Listings of large folders, kept between the scans that continue them (docs/host-api.md H-20). Rule: a listing is used again
// only to go on exactly where the last answer ended; whoever begins a folder gets a new one.

package org.coffre.host.effects

import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.ListedName
import org.coffre.host.ports.ORDER_OF_NAMES

/** Names of a folder in order, and how far they were answered; of a very large folder only the next ones. */
class Listing(
    listed: FolderListing,
    after: String?,
    most: Int,
) {
    val madeNs = System.nanoTime()
    val isPartial = listed.isPartial
    private val names: List<ListedName>

    /** More names follow the last one, which another listing gives. */
    private val isCut: Boolean
    private var next = 0
    private var last = after

    init {
        val behind = listed.names.filter { after == null || ORDER_OF_NAMES.compare(it.name, after) > 0 }
        val sorted = behind.sortedWith(compareBy(ORDER_OF_NAMES) { it.name })
        isCut = sorted.size > most
        names = if (isCut) sorted.subList(0, most).toList() else sorted
    }

    val size get() = names.size

    /** Whether every name was answered. */
    val isEnd get() = next == names.size && !isCut

    /** The next name, or null where this listing ends. */
    fun peek(): ListedName? = names.getOrNull(next)

    /** Says that [peek] was answered. */
    fun advance() {
        last = names[next++].name
    }

    /** Whether the last name that was answered is [after], and there is one behind it. */
    fun goesOn(after: String): Boolean = last == after && next < names.size
}

/** The listings that scans may go on with. Any thread; whoever took a listing out has it alone. */
class FolderListings(
    /** Names kept in all, about 80 bytes each and 200 with a stat. Those of a folder with more are listed again for as many. */
    private val mostNames: Int = MOST_NAMES,
) {
    private data class Id(
        val root: String,
        val path: String,
    )

    private val kept = LinkedHashMap<Id, Listing>()

    /** The listing of a folder behind [after]: the kept one, or a new one of what [list] gives. */
    fun take(
        root: String,
        path: String,
        after: String?,
        list: () -> FolderListing,
    ): Listing {
        val found = synchronized(kept) { kept.remove(Id(root, path)) }
        val isGood =
            found != null && after != null && found.goesOn(after) && System.nanoTime() - found.madeNs < FRESH_NS
        return if (found != null && isGood) found else Listing(list(), after, mostNames)
    }

    /** Keeps a listing that was not answered to its end. */
    fun put(
        root: String,
        path: String,
        listing: Listing,
    ) {
        synchronized(kept) {
            kept[Id(root, path)] = listing
            var sum = kept.values.sumOf { it.size }
            val oldestFirst = kept.entries.iterator()
            while (sum > mostNames) {
                sum -= oldestFirst.next().value.size
                oldestFirst.remove()
            }
        }
    }

    private companion object {
        const val MOST_NAMES = 150_000
        const val FRESH_NS = 300_000_000_000
    }
}

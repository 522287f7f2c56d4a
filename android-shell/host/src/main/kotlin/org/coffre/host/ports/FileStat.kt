// What a file system says of one name. Rule: two stats are equal only when nothing that can be seen has changed between them.

package org.coffre.host.ports

/** What has a name. */
enum class FileKind(
    /** The word on the border (docs/host-api.md H-20). */
    val text: String,
) {
    FILE("file"),
    FOLDER("folder"),
    LINK("link"),
    SOCKET("socket"),
    PIPE("pipe"),
    DEVICE("device"),
    UNKNOWN("unknown"),
}

/** A moment: seconds since 1970, also before it, and nanoseconds above them (0 to 999,999,999). */
data class FileTimestamp(
    val seconds: Long,
    val nanoseconds: Int,
) {
    /** Microseconds above the seconds, cut off downwards (docs/format.md F-67). */
    val microseconds: Int get() = nanoseconds / 1_000

    /** Whether both are in the same microsecond. */
    fun isSameMicrosecond(other: FileTimestamp): Boolean =
        seconds == other.seconds && microseconds == other.microseconds

    companion object {
        /** A moment as the border has it. */
        fun of(
            seconds: Long,
            microseconds: Int,
        ) = FileTimestamp(seconds, microseconds * 1_000)
    }
}

/** A stat. [changed] and [mode] are null where the platform has none. */
data class FileStat(
    val kind: FileKind,
    val sizeBytes: Long,
    val modified: FileTimestamp,
    val changed: FileTimestamp?,
    /** The twelve permission bits. */
    val mode: Int?,
    /** Text that changes when another file takes the name. */
    val identity: String,
    /** Text that is the same for all that lies on one disk; null where the platform does not tell. */
    val disk: String? = null,
)

/** A name in a folder. */
data class ListedName(
    val name: String,
    /** Its stat, where the listing tells it at no further cost; null where it is to be asked for. */
    val stat: FileStat? = null,
)

/** What a platform says of the names in a folder. */
class FolderListing(
    /** In no order. */
    val names: List<ListedName>,
    /** Names may be missing that are there: access is limited, a provider is still looking, or a part was asked for. */
    val isPartial: Boolean = false,
)

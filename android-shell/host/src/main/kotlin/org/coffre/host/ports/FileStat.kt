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
)

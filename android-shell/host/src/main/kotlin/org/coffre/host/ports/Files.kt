// The file system as effects need it (docs/host-api.md §3: scan, hash, upload, download, finish-file). Rule: nothing follows a
// link in a path's last component unless it says so; every refusal is a FileFault.

package org.coffre.host.ports

/** The name of a file or folder on one file system, as [Files] made it. Equal places are the same text. */
interface Place {
    /** The place of [name], one component's text (H-9), in this folder. */
    fun below(name: String): Place
}

/** Folders, files and links of one platform. Any thread; each call may throw [FileFault]. */
interface Files {
    /** What the platform lacks, in the words of docs/host-suite.md. */
    val lacks: Set<String>

    /** The place of a root. Throws RefusedEffect for a locator that is none here. */
    fun locate(locator: String): Place

    /**
     * The folders above a root, nearest first, by its real path; none where the platform does not tell. One that may not be
     * looked at may be left out.
     */
    fun foldersAbove(root: Place): List<Place> = emptyList()

    /** The stat of what has this name, not followed; null when nothing has, or when a folder above is none. */
    fun stat(place: Place): FileStat?

    /** The same, of what a link leads to. */
    fun statFollowed(place: Place): FileStat?

    /**
     * The names in a folder, each with its stat where one query gives both, as that of a provider does. A platform that
     * cannot tell an empty folder from one that it may not see asks for its permission before and after.
     */
    fun list(folder: Place): FolderListing

    /** The bytes that a link says. */
    fun readLink(link: Place): ByteArray

    /** Opens a file that [stat] called one; a link is refused. */
    fun openToRead(file: Place): FileReading

    /** Opens a file for writing, not through a link; one that is missing is made, for its owner alone. */
    fun openToWrite(
        file: Place,
        opening: Opening,
    ): FileWriting

    /** Makes a folder for its owner alone; the one above it is there. `EXISTS` when something has the name. */
    fun makeFolder(folder: Place)

    /** Makes a folder where it is missing, and those above it; links on the way are followed. */
    fun makeFolders(folder: Place)

    /** Makes a link that says [target], to the byte. */
    fun makeLink(
        link: Place,
        target: ByteArray,
    )

    /** Sets the twelve permission bits of a file or folder. */
    fun setMode(
        place: Place,
        mode: Int,
    )

    /** Sets the modification and access time, to the microsecond, of what has this name: of the link itself when it is one. */
    fun setTime(
        place: Place,
        time: FileTimestamp,
    )

    /**
     * Sets the time of a folder, and unless it is null its mode, which may shut out its owner too; puts both on stable
     * storage. Never of what a link leads to.
     */
    fun finishFolder(
        folder: Place,
        time: FileTimestamp,
        mode: Int?,
    )

    /** The mode that a new file has when nobody asks for one. */
    fun defaultMode(work: Place): Int

    /** Moves [from] to [to] on the same file system, replacing a file or link there; `IS_A_FOLDER` for a folder. */
    fun replace(
        from: Place,
        to: Place,
    )

    /** Moves [from] to [to] unless something has that name: then `EXISTS`, without a moment in which it was replaced. */
    fun moveNew(
        from: Place,
        to: Place,
    )

    /** Removes a file or a link. */
    fun delete(file: Place)

    /** Puts the content of [files], all on the file system of [folder], on stable storage. */
    fun flushFiles(
        folder: Place,
        files: Collection<Place>,
    )

    /** Puts the names in [folders] on stable storage. */
    fun flushFolders(folders: Collection<Place>)
}

/** How a file is opened for writing. */
enum class Opening {
    /** There already. */
    EXISTING,

    /** Made when missing. */
    EXISTING_OR_NEW,

    /** Made now; `EXISTS` otherwise. */
    NEW,
}

/** An open file. One thread at a time; each call may throw [FileFault]. */
interface FileReading : AutoCloseable {
    /** Reads [length] bytes from [position] on into [into] at [at]; how many came, fewer only where the file ends. */
    fun read(
        position: Long,
        into: ByteArray,
        at: Int,
        length: Int,
    ): Int

    override fun close()
}

/** A file that is written. One thread at a time; each call may throw [FileFault]. */
interface FileWriting : AutoCloseable {
    /** Writes [length] bytes of [bytes], from [from] on, at [position]. */
    fun write(
        position: Long,
        bytes: ByteArray,
        from: Int,
        length: Int,
    )

    /** Makes [length] bytes at [position] zeros; they take no room where the file system has holes and none was written. */
    fun writeZeros(
        position: Long,
        length: Int,
    )

    /** Makes the file this long: cut, or with zeros behind it. */
    fun setSize(sizeBytes: Long)

    override fun close()
}

/** Why the file system did not do what it was asked. */
enum class FileReason {
    /** Nothing has the name, or a folder above it has gone. */
    VANISHED,
    NOT_A_FOLDER,
    IS_A_FOLDER,

    /** A link, a pipe, a socket, a device. */
    NOT_A_FILE,
    EXISTS,
    PERMISSION,
    NO_SPACE,

    /** No file system can hold this name, or this one cannot. */
    NAME,
    IO,
}

/** What a file system said no to. The message is the reason and nothing else: no name, no path. */
class FileFault(
    val reason: FileReason,
) : Exception(reason.name)

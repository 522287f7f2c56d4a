// The file system by java.nio. Rule: each system error becomes one FileFault here, and nothing else of it is kept.

package org.coffre.host.jvm

import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileStat
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.FileWriting
import org.coffre.host.ports.Files
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.ListedName
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place
import org.coffre.host.ports.nameText
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.FileAlreadyExistsException
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.OpenOption
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.util.UUID
import java.nio.file.Files as Nio

private const val MODE_BITS = 0xfff
private const val OWNER_READS = 0x100

/** The files of a system with POSIX attributes. */
class JvmFiles : Files {
    override val lacks: Set<String> = emptySet()

    @Volatile
    private var defaultMode: Int? = null

    override fun locate(locator: String): Place = placeOf(locator)

    override fun foldersAbove(root: Place): List<Place> =
        attempt(root.path) { generateSequence(root.path.toRealPath().parent) { it.parent }.map(::JvmPlace).toList() }

    override fun stat(place: Place): FileStat? = statOrNull(place, NOFOLLOW_LINKS)

    override fun statFollowed(place: Place): FileStat? = statOrNull(place)

    override fun list(folder: Place): FolderListing =
        attempt(folder.path) {
            Nio.newDirectoryStream(folder.path).use { stream ->
                FolderListing(stream.map { ListedName(nameText(pathBytes(it.fileName))) })
            }
        }

    override fun readLink(link: Place): ByteArray = attempt(link.path) { pathBytes(Nio.readSymbolicLink(link.path)) }

    override fun openToRead(file: Place): FileReading =
        attempt(file.path) { JvmReading(file.path, FileChannel.open(file.path, READ, NOFOLLOW_LINKS)) }

    override fun openToWrite(
        file: Place,
        opening: Opening,
    ): FileWriting {
        val options = mutableSetOf<OpenOption>(READ, WRITE, NOFOLLOW_LINKS)
        if (opening == Opening.EXISTING_OR_NEW) options += CREATE
        if (opening == Opening.NEW) options += CREATE_NEW
        return attempt(file.path) { JvmWriting(file.path, FileChannel.open(file.path, options, OWNER_FILE)) }
    }

    override fun makeFolder(folder: Place) {
        attempt(folder.path) { Nio.createDirectory(folder.path, OWNER_FOLDER) }
    }

    override fun makeFolders(folder: Place) {
        attempt(folder.path) {
            // Nio's own would take a link to a folder for something else.
            val missing = generateSequence(folder.path) { it.parent }.takeWhile { !Nio.isDirectory(it) }.toList()
            for (path in missing.asReversed()) {
                try {
                    Nio.createDirectory(path, OWNER_FOLDER)
                } catch (error: FileAlreadyExistsException) {
                    if (!Nio.isDirectory(path)) throw error
                }
            }
        }
    }

    override fun makeLink(
        link: Place,
        target: ByteArray,
    ) {
        attempt(link.path) {
            if (isPlainTarget(target)) {
                val to = if (target[0] == SLASH) absolutePath(target) else relativePath(target)
                Nio.createSymbolicLink(link.path, to)
            } else {
                ShellCommands.makeLink(link.path, target)
            }
        }
    }

    override fun setMode(
        place: Place,
        mode: Int,
    ) {
        attempt(place.path) { Nio.setAttribute(place.path, "unix:mode", mode and MODE_BITS) }
    }

    override fun setTime(
        place: Place,
        time: FileTimestamp,
    ) {
        attempt(place.path) {
            // Java's own call takes a fraction before 1970 for the year 1970.
            if (time.seconds < 0 && time.microseconds > 0) {
                ShellCommands.setTime(place.path, time)
            } else {
                setTimes(place.path, time)
            }
        }
    }

    override fun finishFolder(
        folder: Place,
        time: FileTimestamp,
        mode: Int?,
    ) {
        attempt(folder.path) {
            // Opened while its owner may: the mode may be one that shuts out its owner too.
            openFolder(folder.path).use { open ->
                setTime(folder, time)
                // Not followed, whatever has the name by now.
                if (mode != null) Nio.setAttribute(folder.path, "unix:mode", mode and MODE_BITS, NOFOLLOW_LINKS)
                open.force(true)
            }
        }
    }

    override fun defaultMode(work: Place): Int {
        defaultMode?.let { return it }
        val probe = work.path.resolve("mode-${UUID.randomUUID()}")
        return attempt(work.path) {
            FileChannel.open(probe, WRITE, CREATE_NEW).close()
            val mode = Nio.getAttribute(probe, "unix:mode", NOFOLLOW_LINKS) as Int and MODE_BITS
            Nio.delete(probe)
            defaultMode = mode
            mode
        }
    }

    override fun replace(
        from: Place,
        to: Place,
    ) {
        attempt(to.path) {
            if (Nio.isDirectory(to.path, NOFOLLOW_LINKS)) throw FileFault(FileReason.IS_A_FOLDER)
            Nio.move(from.path, to.path, ATOMIC_MOVE)
        }
    }

    override fun moveNew(
        from: Place,
        to: Place,
    ) {
        attempt(to.path) {
            try {
                Nio.createLink(to.path, from.path)
            } catch (error: FileAlreadyExistsException) {
                throw error
            } catch (error: NoSuchFileException) {
                throw error
            } catch (_: IOException) {
                // No hard links here, or not one more; whatever else is wrong stands in the way of the other way too.
                return@attempt moveOverOwn(from.path, to.path)
            } catch (_: UnsupportedOperationException) {
                return@attempt moveOverOwn(from.path, to.path)
            }
            Nio.delete(from.path)
        }
    }

    override fun delete(file: Place) = attempt(file.path) { Nio.delete(file.path) }

    override fun flushFiles(
        folder: Place,
        files: Collection<Place>,
    ) {
        if (files.size >= FILES_FOR_WHOLE && ShellCommands.flushFileSystem(folder.path)) return
        flushFolders(files)
    }

    override fun flushFolders(folders: Collection<Place>) {
        for (place in folders) {
            attempt(place.path) { FileChannel.open(place.path, READ, NOFOLLOW_LINKS).use { it.force(true) } }
        }
    }

    private fun statOrNull(
        place: Place,
        vararg options: java.nio.file.LinkOption,
    ): FileStat? =
        try {
            readStat(place.path, *options)
        } catch (_: NoSuchFileException) {
            null
        } catch (error: IOException) {
            if (faultOf(error, null).reason != FileReason.NOT_A_FOLDER) throw faultOf(error, place.path)
            null
        }

    private val Place.path: Path get() = (this as JvmPlace).path

    /** Takes the name with an empty file, which the move replaces. */
    private fun moveOverOwn(
        from: Path,
        to: Path,
    ) {
        FileChannel.open(to, setOf(WRITE, CREATE_NEW), OWNER_FILE).close()
        val own = readStat(to, NOFOLLOW_LINKS).identity
        var isMoved = false
        try {
            Nio.move(from, to, ATOMIC_MOVE)
            isMoved = true
        } finally {
            if (!isMoved && readStat(to, NOFOLLOW_LINKS).identity == own) Nio.delete(to)
        }
    }

    /** A folder itself; one that shuts out its owner, since it was finished before, is opened to it again. */
    private fun openFolder(folder: Path): FileChannel {
        val stat = readStat(folder, NOFOLLOW_LINKS)
        val mode = checkNotNull(stat.mode)
        if (stat.kind == FileKind.FOLDER && mode and OWNER_READS == 0) {
            Nio.setAttribute(folder, "unix:mode", mode or OWNER_READS)
        }
        return FileChannel.open(folder, READ, NOFOLLOW_LINKS)
    }

    private companion object {
        /** From this many files on, one flush of their whole file system is faster than one for each. */
        const val FILES_FOR_WHOLE = 48
        const val SLASH = '/'.code.toByte()
    }

    /** Whether java.nio leaves a link's target as it is: it drops a slash at the end, and one of two. */
    private fun isPlainTarget(target: ByteArray): Boolean {
        if (target.isEmpty() || target.all { it == SLASH }) return target.size == 1
        return target.last() != SLASH && (1 until target.size).none { target[it] == SLASH && target[it - 1] == SLASH }
    }
}

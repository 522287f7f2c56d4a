// What java.nio says when a call fails, as a FileFault. Rule: exceptions by their class; where only the system's text tells,
// by that text, and where a translated system says it in other words, by looking.

package org.coffre.host.jvm

import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReason
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.DirectoryIteratorException
import java.nio.file.DirectoryNotEmptyException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.InvalidPathException
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.NotLinkException
import java.nio.file.Path
import java.nio.file.Files as Nio

private val WORDS =
    mapOf(
        "No space left on device" to FileReason.NO_SPACE,
        "Disk quota exceeded" to FileReason.NO_SPACE,
        "File too large" to FileReason.NO_SPACE,
        "Operation not permitted" to FileReason.PERMISSION,
        "Permission denied" to FileReason.PERMISSION,
        "Read-only file system" to FileReason.PERMISSION,
        "Not a directory" to FileReason.NOT_A_FOLDER,
        "Is a directory" to FileReason.IS_A_FOLDER,
        "Too many levels of symbolic links" to FileReason.NOT_A_FILE,
        "No such device or address" to FileReason.NOT_A_FILE,
        "File name too long" to FileReason.NAME,
        "Invalid argument" to FileReason.NAME,
        "Invalid or incomplete multibyte" to FileReason.NAME,
        "No such file or directory" to FileReason.VANISHED,
    )

/** Runs [work]; what java.nio throws becomes a FileFault. [path] is where it happened. */
internal inline fun <T> attempt(
    path: Path,
    work: () -> T,
): T =
    try {
        work()
    } catch (error: IOException) {
        throw faultOf(error, path)
    } catch (error: DirectoryIteratorException) {
        throw faultOf(error.cause ?: IOException(), path)
    } catch (_: InvalidPathException) {
        throw FileFault(FileReason.NAME)
    }

/** The fault that an exception stands for; [path] is looked at when the exception does not say. */
internal fun faultOf(
    error: IOException,
    path: Path?,
): FileFault =
    FileFault(
        when (error) {
            is NoSuchFileException -> FileReason.VANISHED
            is FileAlreadyExistsException -> FileReason.EXISTS
            is AccessDeniedException -> FileReason.PERMISSION
            is NotDirectoryException -> FileReason.NOT_A_FOLDER
            is DirectoryNotEmptyException -> FileReason.IS_A_FOLDER
            is NotLinkException -> FileReason.NOT_A_FILE
            else -> reasonOfText(error) ?: path?.let(::lookAt) ?: FileReason.IO
        },
    )

private fun reasonOfText(error: IOException): FileReason? {
    // "path: reason", "reason", or "reason (and more)"; a path may hold anything, so its text is cut off first.
    val text =
        if (error is java.nio.file.FileSystemException) error.reason.orEmpty() else error.message.orEmpty()
    return WORDS.entries.firstOrNull { (words) -> text.startsWith(words) }?.value
}

/** A file system with no room, or that is read-only, in whatever language its system speaks. */
private fun lookAt(path: Path): FileReason? =
    try {
        val store = Nio.getFileStore(generateSequence(path) { it.parent }.first { Nio.exists(it) })
        when {
            store.isReadOnly -> FileReason.PERMISSION
            store.totalSpace > 0 && store.usableSpace == 0L -> FileReason.NO_SPACE
            else -> null
        }
    } catch (_: IOException) {
        null
    } catch (_: NoSuchElementException) {
        null
    }

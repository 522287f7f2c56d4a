// All files of the phone: media, document trees, and the app's own folders. Rule: a place belongs to whoever made it, and the form
// of a locator says who that is.

package org.coffre.app.files

import android.content.Context
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.Files
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place

/** Sends each call to the files that the place is one of. */
class PhoneFiles(
    context: Context,
) : Files {
    private class Owned(
        val files: Files,
        val place: Place,
    ) : Place {
        override fun below(name: String): Place = Owned(files, place.below(name))

        override fun equals(other: Any?) = other is Owned && other.place == place

        override fun hashCode() = place.hashCode()
    }

    private val media = MediaFiles(context)
    private val trees = TreeFiles(context)
    private val paths = JvmFiles()

    override val lacks: Set<String> = paths.lacks

    override fun locate(locator: String): Place {
        val files =
            when {
                MediaPlace.isLocator(locator) -> media
                TreeFiles.isLocator(locator) -> trees
                else -> paths
            }
        return Owned(files, files.locate(locator))
    }

    override fun foldersAbove(root: Place): List<Place> {
        val files = of(root)
        return files.foldersAbove(inner(root)).map { Owned(files, it) }
    }

    override fun stat(place: Place) = of(place).stat(inner(place))

    override fun statFollowed(place: Place) = of(place).statFollowed(inner(place))

    override fun list(folder: Place) = of(folder).list(inner(folder))

    override fun readLink(link: Place) = of(link).readLink(inner(link))

    override fun openToRead(file: Place) = of(file).openToRead(inner(file))

    override fun openToWrite(
        file: Place,
        opening: Opening,
    ) = of(file).openToWrite(inner(file), opening)

    override fun makeFolder(folder: Place) = of(folder).makeFolder(inner(folder))

    override fun makeFolders(folder: Place) = of(folder).makeFolders(inner(folder))

    override fun makeLink(
        link: Place,
        target: ByteArray,
    ) = of(link).makeLink(inner(link), target)

    override fun setMode(
        place: Place,
        mode: Int,
    ) = of(place).setMode(inner(place), mode)

    override fun setTime(
        place: Place,
        time: FileTimestamp,
    ) = of(place).setTime(inner(place), time)

    override fun finishFolder(
        folder: Place,
        time: FileTimestamp,
        mode: Int?,
    ) = of(folder).finishFolder(inner(folder), time, mode)

    override fun defaultMode(work: Place) = of(work).defaultMode(inner(work))

    override fun replace(
        from: Place,
        to: Place,
    ) = together(from, to).replace(inner(from), inner(to))

    override fun moveNew(
        from: Place,
        to: Place,
    ) = together(from, to).moveNew(inner(from), inner(to))

    override fun delete(file: Place) = of(file).delete(inner(file))

    override fun flushFiles(
        folder: Place,
        files: Collection<Place>,
    ) = of(folder).flushFiles(inner(folder), files.map(::inner))

    override fun flushFolders(folders: Collection<Place>) {
        for ((files, places) in folders.groupBy(::of)) files.flushFolders(places.map(::inner))
    }

    private fun of(place: Place): Files = (place as Owned).files

    private fun inner(place: Place): Place = (place as Owned).place

    /** Who has both places; nothing moves from one of them to the other. */
    private fun together(
        from: Place,
        to: Place,
    ): Files = of(from).also { if (it !== of(to)) throw FileFault(FileReason.IO) }
}

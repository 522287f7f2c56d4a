// What cannot be done with the files of a provider. Rule: nothing is written through MediaStore or a document tree here: restoring
// goes into the app's own folder first.

package org.coffre.app.files

import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.FileWriting
import org.coffre.host.ports.Files
import org.coffre.host.ports.Opening
import org.coffre.host.ports.Place

/** Files that are only looked at and read, and have no links among them. */
internal abstract class ReadOnlyFiles : Files {
    override val lacks: Set<String> = emptySet()

    override fun statFollowed(place: Place) = stat(place)

    override fun readLink(link: Place): ByteArray = refuse()

    override fun openToWrite(
        file: Place,
        opening: Opening,
    ): FileWriting = refuse()

    override fun makeFolder(folder: Place): Unit = refuse()

    override fun makeFolders(folder: Place): Unit = refuse()

    override fun makeLink(
        link: Place,
        target: ByteArray,
    ): Unit = refuse()

    override fun setMode(
        place: Place,
        mode: Int,
    ): Unit = refuse()

    override fun setTime(
        place: Place,
        time: FileTimestamp,
    ): Unit = refuse()

    override fun finishFolder(
        folder: Place,
        time: FileTimestamp,
        mode: Int?,
    ): Unit = refuse()

    override fun defaultMode(work: Place): Int = refuse()

    override fun replace(
        from: Place,
        to: Place,
    ): Unit = refuse()

    override fun moveNew(
        from: Place,
        to: Place,
    ): Unit = refuse()

    override fun delete(file: Place): Unit = refuse()

    override fun flushFiles(
        folder: Place,
        files: Collection<Place>,
    ): Unit = refuse()

    override fun flushFolders(folders: Collection<Place>): Unit = refuse()

    private fun refuse(): Nothing = throw FileFault(FileReason.PERMISSION)
}

// The rows of MediaStore below a folder, by one cursor. Rule: what it says is taken as somebody else's word: wrong sizes, names
// with slashes and endless cursors all end in a reason, never in a guess.

package org.coffre.app.files

import android.content.ContentUris
import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.os.Build
import android.os.Environment
import android.provider.MediaStore
import android.provider.MediaStore.Files.FileColumns
import android.provider.MediaStore.MediaColumns
import org.coffre.app.NewerApi
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileStat
import org.coffre.host.ports.FileTimestamp
import java.io.File

/** More rows than any phone has: a cursor that goes on is not believed. */
private const val MOST_ROWS = 2_000_000

/** A file as MediaStore has it. */
internal class MediaRow(
    val id: Long,
    val sizeBytes: Long,
    val modifiedS: Long,
    val isImage: Boolean,
) {
    fun stat(volume: String) =
        FileStat(FileKind.FILE, sizeBytes, FileTimestamp(modifiedS, 0), null, null, "$volume:$id", volume)
}

/** Asks MediaStore. */
internal class MediaTable(
    private val context: Context,
) {
    private val resolver = context.contentResolver

    /** Whether there is such a volume now: a card may be out. */
    fun hasVolume(volume: String): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            volume in readVolumes()
        } else {
            volume == PRIMARY_VOLUME && Environment.getExternalStorageState() == Environment.MEDIA_MOUNTED
        }

    /** Text that changes with every change of the volume's table, or null where Android does not tell (before 11). */
    fun readGeneration(volume: String): String? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) askGeneration(volume) else null

    /** Every image and video below [folder] by its path on the volume. */
    fun readRows(folder: MediaPlace): Map<String, MediaRow> {
        val prefix = if (folder.path.isEmpty()) "" else "${folder.path}/"
        val rows = HashMap<String, MediaRow>()
        val condition = "$VISIBLE AND ${pathColumn()} LIKE ? ESCAPE '!'"
        val pattern = "${escapeLike(pathBefore() + prefix)}%"
        val cursor =
            askProvider { resolver.query(folder.table, columns(), condition, arrayOf(pattern), FileColumns._ID) }
        cursor.use {
            var count = 0
            while (askProvider { it.moveToNext() }) {
                if (++count > MOST_ROWS) throw FileFault(FileReason.IO)
                val path = askProvider { readPath(it) ?: "" }
                // MediaStore compares without regard to case, and a file that may not be named is not one of ours.
                if (path.startsWith(prefix)) rows[path] = askProvider { readRow(it) }
            }
        }
        return rows
    }

    /** The row of one file as it is now, or null. */
    fun readRow(
        place: MediaPlace,
        id: Long,
    ): MediaRow? {
        val uri = ContentUris.withAppendedId(place.table, id)
        val cursor = askProvider { resolver.query(uri, columns(), VISIBLE, null, null) }
        return cursor.use {
            if (!askProvider { it.moveToNext() } || askProvider { readPath(it) ?: "" } != place.path) return null
            askProvider { readRow(it) }
        }
    }

    /** The address under which the bytes of a row are read. */
    fun addressOf(
        place: MediaPlace,
        row: MediaRow,
    ): Uri {
        val uri = ContentUris.withAppendedId(place.table, row.id)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || !row.isImage) return uri
        return requireOriginal(place, row)
    }

    @NewerApi
    private fun readVolumes(): Set<String> = askProvider { MediaStore.getExternalVolumeNames(context) }

    @NewerApi
    private fun askGeneration(volume: String): String =
        askProvider { "${MediaStore.getVersion(context, volume)} ${MediaStore.getGeneration(context, volume)}" }

    /** Photos come without the place where they were taken, unless one asks like this. */
    @NewerApi
    private fun requireOriginal(
        place: MediaPlace,
        row: MediaRow,
    ): Uri {
        val images = MediaStore.Images.Media.getContentUri(place.volume)
        return MediaStore.setRequireOriginal(ContentUris.withAppendedId(images, row.id))
    }

    private fun columns() =
        arrayOf(
            FileColumns._ID,
            pathColumn(),
            FileColumns.DISPLAY_NAME,
            FileColumns.SIZE,
            FileColumns.DATE_MODIFIED,
            FileColumns.MEDIA_TYPE,
        )

    /** Before Android 10 there is no relative path, and the whole one is asked for. */
    private fun pathColumn() =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) MediaColumns.RELATIVE_PATH else OLD_PATH

    private fun pathBefore() = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) "" else "${storage().path}/"

    private fun storage(): File = Environment.getExternalStorageDirectory()

    private fun readPath(cursor: Cursor): String? {
        val path = cursor.getString(PATH) ?: return null
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return path.removePrefix(pathBefore())
        val name = cursor.getString(NAME) ?: return null
        // A slash in a name would be another folder.
        if ('/' in name || name.isEmpty()) throw FileFault(FileReason.IO)
        return path.trimEnd('/').let { if (it.isEmpty()) name else "$it/$name" }
    }

    private fun readRow(cursor: Cursor): MediaRow {
        val sizeBytes = cursor.getLong(SIZE).coerceAtLeast(0)
        val isImage = cursor.getInt(TYPE) == FileColumns.MEDIA_TYPE_IMAGE
        return MediaRow(cursor.getLong(ID), sizeBytes, cursor.getLong(MODIFIED), isImage)
    }

    private fun escapeLike(text: String) = text.replace(Regex("[!%_]"), "!$0")

    private companion object {
        /** MediaColumns.DATA, which the platform calls old, and Android 8 has nothing else. */
        const val OLD_PATH = "_data"
        const val ID = 0
        const val PATH = 1
        const val NAME = 2
        const val SIZE = 3
        const val MODIFIED = 4
        const val TYPE = 5

        /** Images and videos; what is being written or is in the bin is left out by MediaStore itself. */
        val VISIBLE =
            "${FileColumns.MEDIA_TYPE} IN (${FileColumns.MEDIA_TYPE_IMAGE}, ${FileColumns.MEDIA_TYPE_VIDEO})"
    }
}

// MediaStore's provider with photos that a test makes. Rule: it answers the columns that were asked for, by the folder that was asked
// for, and counts how often.

package org.coffre.app.stage

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.content.pm.ProviderInfo
import android.content.res.AssetFileDescriptor
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.os.Environment
import android.os.ParcelFileDescriptor
import android.provider.MediaStore
import org.robolectric.Robolectric
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList

class FakeMedia : ContentProvider() {
    /** A row, and the file behind it. */
    class Item(
        val id: Long,
        val folder: String,
        val name: String,
        val bytes: File,
        val isImage: Boolean = true,
        /** Another app is writing it. */
        var isPending: Boolean = false,
    )

    override fun onCreate() = true

    override fun query(
        uri: Uri,
        projection: Array<String>?,
        selection: String?,
        selectionArgs: Array<String>?,
        sortOrder: String?,
    ): Cursor? {
        queries++
        duringQuery()
        if (isSilent) return null
        val columns = checkNotNull(projection)
        val id = uri.lastPathSegment?.toLongOrNull()
        val pattern = selectionArgs?.single()?.removeSuffix("%")?.replace("!", "")
        val cursor = MatrixCursor(columns)
        for (item in items) {
            val path = pathOf(item)
            val isOther = (id != null && item.id != id) || (pattern != null && !path.startsWith(pattern))
            // As MediaStore has it, unless somebody asks for what is pending.
            if (isOther || item.isPending) continue
            cursor.addRow(columns.map { valueOf(it, item, path) }.toTypedArray())
        }
        return cursor
    }

    override fun call(
        method: String,
        arg: String?,
        extras: Bundle?,
    ): Bundle =
        Bundle().apply {
            putString(Intent.EXTRA_TEXT, version)
            putLong(Intent.EXTRA_INDEX, generation)
        }

    override fun openFile(
        uri: Uri,
        mode: String,
    ): ParcelFileDescriptor {
        duringOpen()
        opened += uri
        val item = items.first { it.id == uri.lastPathSegment?.toLong() }
        return ParcelFileDescriptor.open(item.bytes, ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun openTypedAssetFile(
        uri: Uri,
        mimeTypeFilter: String,
        opts: Bundle?,
    ): AssetFileDescriptor {
        asksForOriginals = opts?.getBoolean(MediaStore.EXTRA_ACCEPT_ORIGINAL_MEDIA_FORMAT) == true
        return checkNotNull(openAssetFile(uri, "r"))
    }

    override fun getType(uri: Uri): String = "image/jpeg"

    override fun insert(
        uri: Uri,
        values: ContentValues?,
    ): Uri? = null

    override fun delete(
        uri: Uri,
        selection: String?,
        selectionArgs: Array<String>?,
    ) = 0

    override fun update(
        uri: Uri,
        values: ContentValues?,
        selection: String?,
        selectionArgs: Array<String>?,
    ) = 0

    private fun valueOf(
        column: String,
        item: Item,
        path: String,
    ): Any? =
        when (column) {
            "_id" -> item.id
            "relative_path" -> item.folder
            "_data" -> path
            "_display_name" -> item.name
            "_size" -> item.bytes.length()
            "date_modified" -> item.bytes.lastModified() / MS_PER_S
            "media_type" -> if (item.isImage) 1 else VIDEO
            else -> error("an unknown column: $column")
        }

    private fun pathOf(item: Item): String {
        val below =
            if (Build.VERSION.SDK_INT >=
                Build.VERSION_CODES.Q
            ) {
                ""
            } else {
                "${Environment.getExternalStorageDirectory().path}/"
            }
        return below + item.folder + if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) "" else item.name
    }

    companion object {
        private const val MS_PER_S = 1_000
        private const val VIDEO = 3
        val items = CopyOnWriteArrayList<Item>()

        @Volatile
        var queries = 0

        /** The provider answers nothing. */
        @Volatile
        var isSilent = false

        @Volatile
        var version = "1"

        @Volatile
        var generation = 1L

        /** What happens while the provider is asked. */
        @Volatile
        var duringQuery: () -> Unit = {}

        /** What happens while a file is opened. */
        @Volatile
        var duringOpen: () -> Unit = {}

        /** What was opened, by the addresses that were asked for. */
        val opened = CopyOnWriteArrayList<Uri>()

        /** The last one who opened something wanted its own format, and no other. */
        @Volatile
        var asksForOriginals = false

        /** Puts it in the place of MediaStore, empty. */
        fun install() {
            items.clear()
            queries = 0
            isSilent = false
            version = "1"
            generation = 1
            duringQuery = {}
            duringOpen = {}
            opened.clear()
            asksForOriginals = false
            Robolectric.buildContentProvider(FakeMedia::class.java).create(
                ProviderInfo().apply {
                    authority =
                        MediaStore.AUTHORITY
                },
            )
        }
    }
}

// A provider of documents with folders that a test makes, as an SD card's is one. Rule: it answers as Android's own base class for such
// providers does, which says nothing at all when what was asked for is not there.

package org.coffre.app.stage

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.content.pm.ProviderInfo
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.Bundle
import android.os.ParcelFileDescriptor
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import java.io.File
import java.io.FileNotFoundException
import java.util.concurrent.CopyOnWriteArrayList

class FakeDocuments : ContentProvider() {
    /** A document in the folder [above]; without [bytes] a folder. */
    class Item(
        val id: String,
        val above: String,
        val name: String?,
        val bytes: File? = null,
        val flags: Int = 0,
        val changedMs: Long = LONG_AGO_MS,
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
        if (isOut) return null
        val columns = checkNotNull(projection)
        val id = DocumentsContract.getDocumentId(uri)
        val isFolderAsked = uri.lastPathSegment == "children"
        val found = if (isFolderAsked) items.filter { it.above == id } else items.filter { it.id == id }
        if (!isFolderAsked && found.isEmpty()) return null
        val cursor = MatrixCursor(columns)
        for (item in found) cursor.addRow(columns.map { valueOf(it, item) }.toTypedArray())
        cursor.extras = extras
        return cursor
    }

    override fun openFile(
        uri: Uri,
        mode: String,
    ): ParcelFileDescriptor {
        val file = items.find { it.id == DocumentsContract.getDocumentId(uri) }?.bytes
        if (isOut || file == null) throw FileNotFoundException()
        return ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun getType(uri: Uri): String? = null

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
    ): Any? =
        when (column) {
            Document.COLUMN_DOCUMENT_ID -> item.id
            Document.COLUMN_DISPLAY_NAME -> item.name
            Document.COLUMN_MIME_TYPE -> if (item.bytes == null) Document.MIME_TYPE_DIR else "image/jpeg"
            Document.COLUMN_SIZE -> item.bytes?.length()
            Document.COLUMN_LAST_MODIFIED -> item.changedMs
            Document.COLUMN_FLAGS -> item.flags
            else -> error("an unknown column: $column")
        }

    companion object {
        private const val AUTHORITY = "org.example.cards"
        private const val LONG_AGO_MS = 1_700_000_000_000
        const val ROOT = "1234-5678:"
        val items = CopyOnWriteArrayList<Item>()

        @Volatile
        var queries = 0

        /** The card is out. */
        @Volatile
        var isOut = false

        @Volatile
        var extras: Bundle = Bundle.EMPTY

        @Volatile
        var duringQuery: () -> Unit = {}

        /** What Android's chooser gives for the whole card. */
        val tree: Uri = DocumentsContract.buildTreeDocumentUri(AUTHORITY, ROOT)

        /** Puts a card in, with nothing on it, which its owner let the app read. */
        fun install() {
            items.clear()
            items += Item(ROOT, "", "CARD")
            queries = 0
            isOut = false
            extras = Bundle.EMPTY
            duringQuery = {}
            val info = ProviderInfo().apply { authority = AUTHORITY }
            Robolectric.buildContentProvider(FakeDocuments::class.java).create(info)
            grant()
        }

        fun grant() =
            RuntimeEnvironment
                .getApplication()
                .contentResolver
                .takePersistableUriPermission(tree, Intent.FLAG_GRANT_READ_URI_PERMISSION)

        fun withdraw() =
            RuntimeEnvironment
                .getApplication()
                .contentResolver
                .releasePersistableUriPermission(tree, Intent.FLAG_GRANT_READ_URI_PERMISSION)
    }
}

// Folders that the owner picked with Android's own chooser: SD cards, other folders, clouds of other apps. Rule: one cursor tells a
// folder with all its stats; a provider that is still looking, or says nothing, has not told of an empty folder.

package org.coffre.app.files

import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileKind
import org.coffre.host.ports.FileReading
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.FileStat
import org.coffre.host.ports.FileTimestamp
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.ListedName
import org.coffre.host.ports.Place
import org.coffre.host.ports.formatHex
import org.coffre.host.runtime.RefusedEffect
import java.security.MessageDigest

private const val SCHEME = "content:"
private const val MOST_ENTRIES = 1_000_000

/** Documents remembered for each root, of which a name leads to an id. */
private const val MOST_REMEMBERED = 200_000
private const val MS_PER_S = 1_000L
private const val NS_PER_MS = 1_000_000

/** Tells two documents of one name apart. */
private const val MARK_CHARS = 8

private data class TreePlace(
    val tree: Uri,
    val names: List<String>,
) : Place {
    override fun below(name: String): Place = copy(names = names + name)
}

/** Roots whose locator is the address of a document tree. */
internal class TreeFiles(
    private val context: Context,
) : ReadOnlyFiles() {
    private val resolver = context.contentResolver

    /** The ids of documents that listings told. */
    private val ids = HashMap<TreePlace, String>()

    override fun locate(locator: String): Place {
        val tree = Uri.parse(locator)
        if (!isLocator(locator) || !DocumentsContract.isTreeUri(tree)) throw RefusedEffect("expected a document tree")
        return TreePlace(tree, emptyList())
    }

    override fun stat(place: Place): FileStat? {
        place as TreePlace
        if (place.names.isEmpty()) checkPermission(place.tree)
        val id = findId(place) ?: return null
        val cursor =
            try {
                askProvider { resolver.query(documentOf(place, id), COLUMNS, null, null, null) }
            } catch (fault: FileFault) {
                // Providers have no word of their own for a document that is gone; the folder above has been listed.
                if (fault.reason == FileReason.IO && place.names.isNotEmpty()) return statInFolder(place)
                throw fault
            }
        return cursor.use { if (askProvider { it.moveToFirst() }) statOf(it) else null }
    }

    override fun list(folder: Place): FolderListing {
        folder as TreePlace
        checkPermission(folder.tree)
        val id = findId(folder) ?: throw FileFault(FileReason.VANISHED)
        val children = DocumentsContract.buildChildDocumentsUriUsingTree(folder.tree, id)
        val cursor = askProvider { resolver.query(children, COLUMNS, null, null, null) }
        val listing =
            cursor.use {
                if (it.extras?.getString(DocumentsContract.EXTRA_ERROR) != null) throw FileFault(FileReason.IO)
                val isLoading = it.extras?.getBoolean(DocumentsContract.EXTRA_LOADING) == true
                FolderListing(readEntries(folder, it), isLoading)
            }
        checkPermission(folder.tree)
        return listing
    }

    override fun openToRead(file: Place): FileReading {
        file as TreePlace
        val id = findId(file) ?: throw FileFault(FileReason.VANISHED)
        return ProviderReading(askProvider { resolver.openAssetFileDescriptor(documentOf(file, id), "r") })
    }

    private fun readEntries(
        folder: TreePlace,
        cursor: Cursor,
    ): List<ListedName> {
        class Entry(
            val id: String,
            val name: String,
            val stat: FileStat,
        )
        val entries = ArrayList<Entry>()
        while (askProvider { cursor.moveToNext() }) {
            if (entries.size == MOST_ENTRIES) throw FileFault(FileReason.IO)
            val id = askProvider { cursor.getString(ID) }
            entries += Entry(id, nameOf(cursor, id), askProvider { statOf(cursor) })
        }
        val listed =
            entries.groupBy { it.name }.values.flatMap { same ->
                val first = same.minOf { it.id }
                same.distinctBy { it.id }.map { entry ->
                    val name = if (entry.id == first) entry.name else "${entry.name} ~${markOf(entry.id)}"
                    remember(folder.copy(names = folder.names + name), entry.id)
                    ListedName(name, entry.stat)
                }
            }
        return listed
    }

    /** A document's name as a component of a path; what cannot be one is written as its bytes (H-9). */
    private fun nameOf(
        cursor: Cursor,
        id: String,
    ): String {
        val name = askProvider { cursor.getString(NAME) ?: id }
        val isPlain = name.isNotEmpty() && name != "." && name != ".." && '/' !in name && '\u0000' !in name
        return if (isPlain) name else "/${formatHex(name.ifEmpty { id }.toByteArray())}"
    }

    private fun markOf(id: String): String =
        formatHex(MessageDigest.getInstance("SHA-256").digest(id.toByteArray())).take(MARK_CHARS)

    private fun statOf(cursor: Cursor): FileStat {
        val type = cursor.getString(TYPE)
        val isVirtual = cursor.getInt(FLAGS) and Document.FLAG_VIRTUAL_DOCUMENT != 0
        val kind =
            when {
                type == Document.MIME_TYPE_DIR -> FileKind.FOLDER

                // It has no bytes of its own, only exports into other formats.
                isVirtual -> FileKind.UNKNOWN

                else -> FileKind.FILE
            }
        val modifiedMs = cursor.getLong(MODIFIED).coerceAtLeast(0)
        val modified = FileTimestamp(modifiedMs / MS_PER_S, (modifiedMs % MS_PER_S).toInt() * NS_PER_MS)
        val sizeBytes = if (kind == FileKind.FILE) cursor.getLong(SIZE).coerceAtLeast(0) else 0
        return FileStat(kind, sizeBytes, modified, null, null, cursor.getString(ID))
    }

    private fun statInFolder(place: TreePlace): FileStat? {
        val above = place.copy(names = place.names.dropLast(1))
        return list(above).names.find { it.name == place.names.last() }?.stat
    }

    /** The id behind a place: what a listing told, or what listing the folders above tells now. */
    private fun findId(place: TreePlace): String? {
        if (place.names.isEmpty()) return DocumentsContract.getTreeDocumentId(place.tree)
        synchronized(ids) { ids[place] }?.let { return it }
        val above = place.copy(names = place.names.dropLast(1))
        if (findId(above) == null) return null
        list(above)
        return synchronized(ids) { ids[place] }
    }

    private fun remember(
        place: TreePlace,
        id: String,
    ) = synchronized(ids) {
        if (ids.size >= MOST_REMEMBERED) ids.clear()
        ids[place] = id
    }

    private fun documentOf(
        place: TreePlace,
        id: String,
    ): Uri = DocumentsContract.buildDocumentUriUsingTree(place.tree, id)

    /** Revoked access looks like a folder that is gone, or empty. */
    private fun checkPermission(tree: Uri) {
        val isHeld = resolver.persistedUriPermissions.any { it.uri == tree && it.isReadPermission }
        if (!isHeld) throw FileFault(FileReason.PERMISSION)
    }

    companion object {
        private const val ID = 0
        private const val NAME = 1
        private const val TYPE = 2
        private const val SIZE = 3
        private const val MODIFIED = 4
        private const val FLAGS = 5
        private val COLUMNS =
            arrayOf(
                Document.COLUMN_DOCUMENT_ID,
                Document.COLUMN_DISPLAY_NAME,
                Document.COLUMN_MIME_TYPE,
                Document.COLUMN_SIZE,
                Document.COLUMN_LAST_MODIFIED,
                Document.COLUMN_FLAGS,
            )

        fun isLocator(locator: String) = locator.startsWith(SCHEME)
    }
}

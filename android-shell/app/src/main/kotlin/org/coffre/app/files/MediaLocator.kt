// How a part of MediaStore is named as a root: `media:VOLUME/FOLDER`. Rule: the text is ours, the engine never reads it, and it
// stays the same for as long as the root means the same.

package org.coffre.app.files

import android.net.Uri
import android.os.Build
import android.provider.MediaStore
import org.coffre.host.ports.Place
import org.coffre.host.runtime.RefusedEffect

private const val SCHEME = "media:"

/** The volume that every phone has. */
const val PRIMARY_VOLUME = "external_primary"

/** The name that Android before 10 has for all its volumes. */
private const val OLD_VOLUME = "external"
private val VOLUME = Regex("[a-z0-9_-]{1,80}")

/** A folder or file below a root of MediaStore; [path] is the whole path on the volume, `DCIM/Camera/a.jpg`. */
internal data class MediaPlace(
    val volume: String,
    val path: String,
) : Place {
    override fun below(name: String): Place = copy(path = if (path.isEmpty()) name else "$path/$name")

    /** The images, videos and other files of the volume. */
    val table: Uri
        get() =
            MediaStore.Files.getContentUri(
                if (Build.VERSION.SDK_INT >=
                    Build.VERSION_CODES.Q
                ) {
                    volume
                } else {
                    OLD_VOLUME
                },
            )

    companion object {
        fun isLocator(locator: String) = locator.startsWith(SCHEME)

        /** Throws RefusedEffect for a text that is none. */
        fun parse(locator: String): MediaPlace {
            val volume = locator.removePrefix(SCHEME).substringBefore('/')
            val folder = locator.removePrefix(SCHEME).substringAfter('/', "")
            val isPlain = folder.split('/').none { it.isEmpty() || it == "." || it == ".." }
            if (!isLocator(locator) || !VOLUME.matches(volume) || (folder.isNotEmpty() && !isPlain)) {
                throw RefusedEffect("expected a locator of media")
            }
            return MediaPlace(volume, folder)
        }
    }
}

/** The locator of a folder's photos and videos. */
fun mediaLocator(
    folder: String,
    volume: String = PRIMARY_VOLUME,
): String = "$SCHEME$volume/$folder"

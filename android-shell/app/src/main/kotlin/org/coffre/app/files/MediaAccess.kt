// What the owner lets this app see of photos and videos. Rule: an answer of MediaStore means nothing without this one, since it
// leaves out without a word whatever the app may not see.

package org.coffre.app.files

import android.Manifest.permission.ACCESS_MEDIA_LOCATION
import android.Manifest.permission.READ_EXTERNAL_STORAGE
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build

/** How much of the media is visible. */
enum class MediaAccess {
    NONE,

    /** "Select photos": what the owner picked. */
    PARTIAL,
    FULL,
    ;

    companion object {
        /** Since Android 13; before, there is one permission for all of the storage. */
        private const val IMAGES = "android.permission.READ_MEDIA_IMAGES"
        private const val VIDEO = "android.permission.READ_MEDIA_VIDEO"

        /** Since Android 14. */
        private const val SELECTED = "android.permission.READ_MEDIA_VISUAL_USER_SELECTED"

        /** What to ask the owner for, on this version of Android. */
        fun permissions(): List<String> =
            when {
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE -> {
                    listOf(IMAGES, VIDEO, SELECTED, ACCESS_MEDIA_LOCATION)
                }

                Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU -> {
                    listOf(IMAGES, VIDEO, ACCESS_MEDIA_LOCATION)
                }

                Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q -> {
                    listOf(READ_EXTERNAL_STORAGE, ACCESS_MEDIA_LOCATION)
                }

                else -> {
                    listOf(READ_EXTERNAL_STORAGE)
                }
            }

        /** The state now. */
        fun read(context: Context): MediaAccess {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) {
                return if (has(context, READ_EXTERNAL_STORAGE)) FULL else NONE
            }
            val granted = listOf(IMAGES, VIDEO).count { has(context, it) }
            val isSelected = Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE && has(context, SELECTED)
            return if (granted == 2) {
                FULL
            } else if (granted == 1 || isSelected) {
                PARTIAL
            } else {
                NONE
            }
        }

        /** Whether the bytes of photos come as they are, with the place where they were taken. */
        fun givesOriginals(context: Context): Boolean =
            Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || has(context, ACCESS_MEDIA_LOCATION)

        private fun has(
            context: Context,
            permission: String,
        ) = context.checkSelfPermission(permission) == PERMISSION_GRANTED
    }
}

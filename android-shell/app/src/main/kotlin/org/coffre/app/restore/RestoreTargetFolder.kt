// The folder of the phone that a restore fills: Download/Coffre DATE, which every app for files shows. Rule: nothing is written
// outside it, and the work in it bears Coffre's mark (docs/host-api.md H-36), so that no backup takes it along.

package org.coffre.app.restore

import android.Manifest.permission.WRITE_EXTERNAL_STORAGE
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.media.MediaScannerConnection
import android.os.Build
import android.os.Environment
import org.coffre.host.effects.markOwnFolder
import java.io.File
import java.time.LocalDate

private const val WORK = ".coffre-restore"
private const val MOST_SCANNED = 10_000
private const val MOST_NAME_CHARS = 60
private val UNFIT = Regex("""[\p{Cntrl}/\\:*?"<>|]""")

/** Where files come back to. */
internal class RestoreTargetFolder(
    private val context: Context,
) {
    private val downloads: File
        get() = Environment.getExternalStoragePublicDirectory(Environment.DIRECTORY_DOWNLOADS)

    /** As its owner finds it. */
    fun nameOf(date: LocalDate): String = "${Environment.DIRECTORY_DOWNLOADS}/Coffre $date"

    fun at(date: LocalDate): File = File(downloads, "Coffre $date")

    /** From Android 11 on an app may put files into Download; before, its owner is asked. */
    fun mayWrite(): Boolean =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.R ||
            context.checkSelfPermission(WRITE_EXTERNAL_STORAGE) == PERMISSION_GRANTED

    /** Makes [target] and gives the folder for the work in it; null when that cannot be. */
    fun prepare(target: File): File? {
        val own = File(target, WORK)
        // What a restore left that was ended means nothing to this one; what had come is skipped.
        own.deleteRecursively()
        if (!own.isDirectory && !own.mkdirs()) return null
        markOwnFolder(own)
        return File(own, "work")
    }

    /** Removes the work after everything came. */
    fun clean(target: File) {
        File(target, WORK).deleteRecursively()
    }

    /** Has apps for photos see what came; from Android 11 on they do by themselves. */
    fun announce(target: File) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) return
        val files =
            target
                .walkTopDown()
                .filter { it.isFile }
                .take(MOST_SCANNED)
                .map { it.path }
        MediaScannerConnection.scanFile(context, files.toList().toTypedArray(), null, null)
    }

    companion object {
        /** A folder's name for [device], whose own name comes from another machine. */
        fun folderNameOf(device: String): String {
            val name = device.replace(UNFIT, "_").trim(' ', '.').take(MOST_NAME_CHARS)
            return name.ifEmpty { "device" }
        }
    }
}

// What the screens show. Rule: plain values; a screen is a function of them, and tests make them by hand.

package org.coffre.app.screens

import org.coffre.app.activity.Activity
import org.coffre.app.files.MediaAccess
import org.coffre.app.restore.RestoreState
import org.coffre.app.schedule.SystemState
import org.coffre.app.session.Policy

/** Which screen it is. */
enum class Step { WELCOME, SERVER, SCAN, PASSPHRASE, WORDS, CHECK, SOURCES, STATUS, HEALTH, SETTINGS, RESTORE }

/** What was typed on the way to a pairing; the passphrase is never in here. */
data class PairingForm(
    val isNew: Boolean = true,
    val address: String = "",
    val login: String = "",
    val invitation: String = "",
    val deviceName: String = "",
)

/** A folder that can be backed up, or is. */
data class Source(
    val name: String,
    val locator: String,
    /** One of docs/host-api.md, or null when nothing is wrong with it. */
    val unavailable: String? = null,
    /** What is left out of it. */
    val excludes: List<String> = emptyList(),
)

/** Files that wait for one reason. */
data class Waiting(
    val reason: String,
    val files: Long,
)

/** One of the files that wait. */
data class WaitingFile(
    val root: String,
    val path: String,
    val reason: String,
)

/** Why the phone cannot work, where it cannot. */
enum class Trouble(
    /** Pairing it again is what helps. */
    val isEnded: Boolean,
) {
    KEY_GONE(true),
    DAMAGED(true),
    STORAGE(false),
    CLONED(true),
    FORKED(true),
    REVOKED(true),
}

/** Whether the camera may be used, as it is now. */
enum class CameraState { FORBIDDEN, ALLOWED, FAILED }

/** How the backup is. */
data class BackupStatus(
    /** The time of the last receipt, or null. */
    val lastMs: Long? = null,
    val filesSynced: Long = 0,
    val bytesSynced: Long = 0,
    val filesExcluded: Long = 0,
    val waiting: List<Waiting> = emptyList(),
    /** Some of what waits. */
    val files: List<WaitingFile> = emptyList(),
    val sources: List<Source> = emptyList(),
    val isWorking: Boolean = false,
    val isPaused: Boolean = false,
    val retryAtMs: Long? = null,
    val trouble: Trouble? = null,
) {
    /** Something waits, and nothing of the owner's own keeps it from being sent. */
    val isHeldUp: Boolean get() = waiting.isNotEmpty() && !isWorking && !isPaused && trouble == null

    /** How much of what is known is safe, from 0 to 1. */
    val shareDone: Float
        get() {
            val all = filesSynced + waiting.sumOf { it.files }
            return if (all == 0L) 0f else filesSynced.toFloat() / all
        }
}

/** All of it. */
data class AppState(
    val step: Step = Step.WELCOME,
    val form: PairingForm = PairingForm(),
    val isBusy: Boolean = false,
    /** A code of docs/host-api.md §6, or one of the app's own, until the next try. */
    val failure: String? = null,
    val words: List<String> = emptyList(),
    /** Which of the words are asked for, counted from 0. */
    val asked: List<Int> = emptyList(),
    val isWordsMissing: Boolean = false,
    /** This phone was paired before and is paired again. */
    val isReplaced: Boolean = false,
    val access: MediaAccess = MediaAccess.NONE,
    val givesOriginals: Boolean = true,
    val camera: CameraState = CameraState.FORBIDDEN,
    val chosen: Set<String> = setOf(CAMERA, PICTURES),
    val status: BackupStatus = BackupStatus(),
    val activity: List<Activity> = emptyList(),
    val policy: Policy = Policy(),
    val server: String = "",
    val restore: RestoreState = RestoreState(),
    val system: SystemState = SystemState(),
) {
    companion object {
        /** The folders of media that can be chosen. */
        const val CAMERA = "DCIM"
        const val PICTURES = "Pictures"
        const val MOVIES = "Movies"
    }
}

// What the screens show. Rule: plain values; a screen is a function of them, and tests make them by hand.

package org.coffre.app.screens

import org.coffre.app.files.MediaAccess
import org.coffre.app.session.Policy

/** Which screen it is. */
enum class Step { WELCOME, SERVER, PASSPHRASE, WORDS, CHECK, SOURCES, STATUS, SETTINGS }

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
)

/** Files that wait for one reason. */
data class Waiting(
    val reason: String,
    val files: Long,
)

/** Why the phone cannot work, where it cannot. */
enum class Trouble { KEY_GONE, DAMAGED, STORAGE, CLONED, FORKED, REVOKED }

/** How the backup is. */
data class BackupStatus(
    /** The time of the last receipt, or null. */
    val lastMs: Long? = null,
    val filesSynced: Long = 0,
    val bytesSynced: Long = 0,
    val waiting: List<Waiting> = emptyList(),
    val sources: List<Source> = emptyList(),
    val isWorking: Boolean = false,
    val isPaused: Boolean = false,
    val retryAtMs: Long? = null,
    val trouble: Trouble? = null,
) {
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
    val access: MediaAccess = MediaAccess.NONE,
    val givesOriginals: Boolean = true,
    val chosen: Set<String> = setOf(CAMERA, PICTURES),
    val status: BackupStatus = BackupStatus(),
    val policy: Policy = Policy(),
    val server: String = "",
) {
    companion object {
        /** The folders of media that can be chosen. */
        const val CAMERA = "DCIM"
        const val PICTURES = "Pictures"
        const val MOVIES = "Movies"
    }
}

/** What a person does on a screen. */
interface AppActions {
    fun go(step: Step)

    fun fill(form: PairingForm)

    /** From the server to the passphrase, when the address is one. */
    fun chooseServer()

    /** Makes a vault or opens one; [secret] belongs to whoever takes it. */
    fun pair(secret: CharArray)

    fun showWords()

    fun checkWords(typed: List<String>)

    fun choose(folder: String)

    fun askAccess()

    fun pickFolder()

    fun startBackup()

    fun backUpNow()

    fun pause(isPaused: Boolean)

    fun setPolicy(policy: Policy)

    fun removeSource(name: String)
}

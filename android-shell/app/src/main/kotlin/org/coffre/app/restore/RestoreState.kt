// What the screens of a restore show. Rule: plain values; what is not known is null, and what did not come is named.

package org.coffre.app.restore

import org.coffre.app.schedule.LongWork

/** A place in the vault; the empty path is a root's own, and of [device] and [root] null it is the vault's. */
data class VaultPlace(
    val device: String? = null,
    val root: String? = null,
    val path: String = "",
) {
    /** What it is called where it is listed. */
    val name: String get() = path.substringAfterLast('/').ifEmpty { root.orEmpty() }

    /** Where it lies; null for the vault itself. */
    val above: VaultPlace?
        get() =
            when {
                root == null -> null
                path.isEmpty() -> VaultPlace()
                else -> copy(path = path.substringBeforeLast('/', ""))
            }

    companion object {
        /** All that the vault has. */
        val VAULT = VaultPlace()
    }
}

/** What a folder of the vault holds. */
data class VaultItem(
    val place: VaultPlace,
    val isFolder: Boolean,
    /** Files in it, at any depth; 1 for a file. */
    val files: Long,
    val sizeBytes: Long,
    /** When it was changed last, as its phone said; null for a folder. */
    val changedMs: Long?,
)

/** One of the versions of a file. */
data class FileVersion(
    val sizeBytes: Long,
    val changedMs: Long,
    /** When the server confirmed it; that names it. */
    val syncedAtMs: Long,
    val isCurrent: Boolean,
)

/** The versions of a file, newest first. */
data class FileVersions(
    val place: VaultPlace,
    val versions: List<FileVersion>,
)

/** How far it is. [phase] is one of docs/host-api.md §5. */
data class RestoreProgress(
    val phase: String,
    val filesDone: Long = 0,
    val filesTotal: Long = 0,
    val bytesDone: Long = 0,
    val bytesTotal: Long = 0,
    /** Why nothing comes at the moment. */
    val waiting: String? = null,
) {
    /** From 0 to 1; null when nobody knows how much there is. */
    val share: Float?
        get() =
            when {
                bytesTotal > 0 -> bytesDone.toFloat() / bytesTotal
                filesTotal > 0 -> filesDone.toFloat() / filesTotal
                else -> null
            }
}

/** Something that did not come, and why: a code of docs/host-api.md §6. */
data class Lacking(
    val place: VaultPlace,
    val code: String,
)

/** How a restore ended. */
data class RestoreEnd(
    val target: String,
    val filesRestored: Long,
    val bytesRestored: Long,
    val filesSkipped: Long,
    val filesFailed: Long,
    /** Why it ended, when it did not bring all. */
    val code: String?,
    /** The first of what did not come. */
    val lacking: List<Lacking>,
)

/** Where the owner is in it. */
sealed interface RestoreStage {
    /** The passphrase, or the words, are asked for. */
    data object Closed : RestoreStage

    /** The vault is opened, or a folder of it read. */
    data class Reading(
        val progress: RestoreProgress?,
    ) : RestoreStage

    data class Folder(
        val place: VaultPlace,
        val items: List<VaultItem>,
    ) : RestoreStage

    data class Versions(
        val file: FileVersions,
    ) : RestoreStage

    data class Running(
        val progress: RestoreProgress?,
    ) : RestoreStage

    data class Ended(
        val end: RestoreEnd,
    ) : RestoreStage
}

/** A restore that a process began and did not live to end. */
data class Interrupted(
    /** The folder that it fills, as its owner finds it. */
    val target: String,
    /** How many things were chosen. */
    val items: Int,
)

/** All of it. */
data class RestoreState(
    val stage: RestoreStage = RestoreStage.Closed,
    /** A code of docs/host-api.md §6, or one of the app's own, until the next try. */
    val failure: String? = null,
    val chosen: Set<VaultPlace> = emptySet(),
    /** The folder that is filled, as its owner finds it. */
    val target: String = "",
    /** Whether the phone lets the app write there. */
    val mayWrite: Boolean = true,
    /** What was said about the vault while it was read. */
    val lacking: List<Lacking> = emptyList(),
    /** What was broken off and can go on, or null. */
    val interrupted: Interrupted? = null,
)

/** What a person does on these screens. */
interface RestoreActions {
    /** Opens the vault with its passphrase or its words; [secret] belongs to whoever takes it. */
    fun open(secret: CharArray)

    fun enter(place: VaultPlace)

    fun showVersions(file: VaultPlace)

    fun choose(place: VaultPlace)

    /** Brings what was chosen back. */
    fun begin()

    /** Brings one version of a file back. */
    fun bringBack(
        file: VaultPlace,
        version: FileVersion,
    )

    /** Ends a restore at the next safe point. */
    fun stop()

    /** What was broken off stays so. */
    fun dropInterrupted()

    /** Back to the folder that was seen last. */
    fun goBack()

    /** Locks the vault again; backup goes on. */
    fun leave()
}

/** Where the state of the restore is kept. */
interface RestoreDesk {
    val restore: RestoreState

    fun change(next: (RestoreState) -> RestoreState)

    /** The vault was left: what stood still goes on. */
    fun left()

    /** Has [work] go on when its owner leaves the app. */
    fun carryOn(work: LongWork)
}

// States as a person meets them, for pictures and for what TalkBack says. Rule: every screen is here, in each state that looks
// otherwise, with words and numbers as they are in life.

package org.coffre.app.screens

import org.coffre.app.activity.Activity
import org.coffre.app.activity.ActivityKind
import org.coffre.app.files.MediaAccess
import org.coffre.app.restore.FileVersion
import org.coffre.app.restore.FileVersions
import org.coffre.app.restore.Interrupted
import org.coffre.app.restore.Lacking
import org.coffre.app.restore.RestoreEnd
import org.coffre.app.restore.RestoreProgress
import org.coffre.app.restore.RestoreStage
import org.coffre.app.restore.RestoreState
import org.coffre.app.restore.VaultItem
import org.coffre.app.restore.VaultPlace
import org.coffre.app.schedule.SystemReason
import org.coffre.app.schedule.SystemState
import org.coffre.app.schedule.SystemStop
import org.coffre.app.session.Policy

internal object Scenes {
    private const val LAST_MS = 1_780_000_000_000
    private const val HOUR_MS = 3_600_000L
    private const val TARGET = "Download/Coffre 2026-11-30"
    private val code =
        "coffre://pair?server=https%3A%2F%2F192.168.1.20%3A8484&pin=${"0123456789abcdef".repeat(
            4,
        )}&invitation=7QK2A-9MXNB"
    private val form =
        PairingForm(address = "http://192.168.1.20:8484", login = "ada", deviceName = "Pixel 9")
    private val words =
        (
            "abandon ability able about above absent absorb abstract absurd abuse access accident " +
                "account accuse achieve acid acoustic acquire across act action actor actress actual"
        ).split(' ')
    private val sources =
        listOf(
            Source("DCIM", "media:external_primary/DCIM"),
            Source("Letters", "content://tree/letters", excludes = listOf("*.tmp")),
        )
    private val nightsAndSomeData =
        Policy(unmeteredOnly = false, meteredBytesPerMonth = 500_000_000, hours = 1_320 to 420)
    private val calm =
        AppState(
            step = Step.STATUS,
            form = form,
            access = MediaAccess.FULL,
            server = "https://192.168.1.20:8484",
            status = BackupStatus(LAST_MS, 12_408, 48_213_000_000, sources = sources),
        )
    private val waiting =
        calm.status.copy(
            filesExcluded = 3,
            waiting = listOf(Waiting("network-metered", 37), Waiting("still-changing", 1), Waiting("unreadable", 2)),
            files =
                listOf(
                    WaitingFile("DCIM", "Camera/PXL_20261130_101500.jpg", "network-metered"),
                    WaitingFile("Letters", "2026/draft.odt", "unreadable"),
                ),
        )
    private val lately =
        listOf(
            Activity(LAST_MS, ActivityKind.WAITING, "network-metered", 0, 12_408),
            Activity(LAST_MS - HOUR_MS, ActivityKind.DONE, null, 182_300_000, 12_408),
            Activity(LAST_MS - 2 * HOUR_MS, ActivityKind.NOTICE, "root-unavailable/permission"),
            Activity(LAST_MS - 3 * HOUR_MS, ActivityKind.STOPPED),
            Activity(LAST_MS - 9 * HOUR_MS, ActivityKind.FAILED, "peer-unreachable"),
        )

    private val stopped =
        SystemState(
            SystemStop(LAST_MS - HOUR_MS, SystemReason.TIME_OVER),
            heldUp = setOf(SystemReason.QUOTA, SystemReason.NOT_YET),
            isContinuous = true,
            isWatching = true,
        )
    private val brokenOff = Interrupted(TARGET, 2)

    private fun place(
        path: String,
        root: String = "DCIM",
    ) = VaultPlace("Pixel 9", root, path)

    private val roots =
        listOf(
            VaultItem(place(""), true, 11_871, 47_900_000_000, null),
            VaultItem(place("", "Letters"), true, 537, 313_000_000, null),
        )
    private val photos =
        listOf(
            VaultItem(place("Camera/2025"), true, 8_410, 31_000_000_000, null),
            VaultItem(place("Camera/PXL_20261130_101500.jpg"), false, 1, 4_812_000, LAST_MS),
            VaultItem(place("Camera/PXL_20261129_184211.mp4"), false, 1, 212_400_000, LAST_MS - 20 * HOUR_MS),
            VaultItem(place("Camera/PXL_20261129_090302.jpg"), false, 1, 5_102_000, LAST_MS - 29 * HOUR_MS),
        )
    private val versions =
        FileVersions(
            place("2026/budget.ods", "Letters"),
            listOf(
                FileVersion(48_200, LAST_MS, LAST_MS, true),
                FileVersion(47_900, LAST_MS - 50 * HOUR_MS, LAST_MS - 49 * HOUR_MS, false),
                FileVersion(31_000, LAST_MS - 900 * HOUR_MS, LAST_MS - 899 * HOUR_MS, false),
            ),
        )
    private val lacking =
        listOf(
            Lacking(place("Camera/IMG_0001.jpg"), "blob-missing"),
            Lacking(place("Camera/IMG_0002.jpg"), "target-exists"),
        )

    private fun restoring(
        stage: RestoreStage,
        chosen: Set<VaultPlace> = emptySet(),
        failure: String? = null,
    ) = calm.copy(step = Step.RESTORE, restore = RestoreState(stage, failure, chosen, TARGET))

    val all: Map<String, AppState> =
        mapOf(
            "welcome" to AppState(form = form),
            "server" to AppState(Step.SERVER, form.copy(address = "")),
            "server-scanned" to AppState(Step.SERVER, form.copy(address = code)),
            "server-wrong" to AppState(Step.SERVER, form.copy(address = "http://example.org"), failure = "app-address"),
            "server-again" to AppState(Step.SERVER, form.copy(isNew = false), isReplaced = true),
            "scan-ask" to AppState(Step.SCAN, form),
            "scan" to AppState(Step.SCAN, form, camera = CameraState.ALLOWED),
            "scan-other" to AppState(Step.SCAN, form, camera = CameraState.ALLOWED, failure = "app-code-other"),
            "scan-failed" to AppState(Step.SCAN, form, camera = CameraState.FAILED),
            "passphrase" to AppState(Step.PASSPHRASE, form),
            "passphrase-weak" to AppState(Step.PASSPHRASE, form, failure = "user-passphrase-too-common"),
            "join" to AppState(Step.PASSPHRASE, form.copy(isNew = false)),
            "words" to AppState(Step.WORDS, form, words = words),
            "check" to AppState(Step.CHECK, form, words = words, asked = listOf(2, 11, 20)),
            "sources" to AppState(Step.SOURCES, form),
            "sources-partial" to AppState(Step.SOURCES, form, access = MediaAccess.PARTIAL),
            "status" to calm,
            "status-first" to
                calm.copy(
                    status =
                        BackupStatus(
                            sources = sources,
                            isWorking = true,
                            waiting = listOf(Waiting("next-in-line", 4_210)),
                        ),
                ),
            "status-waiting" to calm.copy(status = waiting, isWordsMissing = true),
            "status-paused" to calm.copy(status = waiting.copy(isPaused = true)),
            "status-held-up" to
                calm.copy(status = waiting, system = SystemState(heldUp = setOf(SystemReason.QUOTA))),
            "status-broken-off" to calm.copy(restore = RestoreState(interrupted = brokenOff)),
            "status-cloned" to calm.copy(status = calm.status.copy(trouble = Trouble.CLONED)),
            "health" to calm.copy(step = Step.HEALTH, status = waiting, activity = lately, system = stopped),
            "settings" to calm.copy(step = Step.SETTINGS, policy = nightsAndSomeData),
            "settings-watching" to
                calm.copy(step = Step.SETTINGS, system = SystemState(isContinuous = true, isExempt = false)),
            "restore" to restoring(RestoreStage.Closed),
            "restore-broken-off" to
                calm.copy(step = Step.RESTORE, restore = RestoreState(target = TARGET, interrupted = brokenOff)),
            "restore-refused" to restoring(RestoreStage.Closed, failure = "user-login-refused"),
            "restore-reading" to restoring(RestoreStage.Reading(RestoreProgress("reading-index", 3, 9))),
            "restore-roots" to restoring(RestoreStage.Folder(VaultPlace.VAULT, roots)),
            "restore-folder" to
                restoring(RestoreStage.Folder(place("Camera"), photos), setOf(photos[1].place, photos[2].place)),
            "restore-versions" to restoring(RestoreStage.Versions(versions)),
            "restore-running" to
                restoring(RestoreStage.Running(RestoreProgress("restoring", 812, 2_040, 3_100_000_000, 8_600_000_000))),
            "restore-done" to
                restoring(RestoreStage.Ended(RestoreEnd(TARGET, 2_040, 8_600_000_000, 12, 0, null, emptyList()))),
            "restore-ended" to
                restoring(RestoreStage.Ended(RestoreEnd(TARGET, 2_038, 8_500_000_000, 0, 2, "peer-damaged", lacking))),
        )
}

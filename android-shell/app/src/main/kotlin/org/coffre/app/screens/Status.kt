// The truth about the backup. Rule: the largest letters are the time of the last receipt; whatever waits has its reason, and what
// happens next is said without being asked.

package org.coffre.app.screens

import android.text.format.DateUtils
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import org.coffre.app.R
import org.coffre.app.files.MediaAccess

@Composable
fun StatusScreen(
    state: AppState,
    actions: AppActions,
) {
    val status = state.status
    Page(
        null,
        actions = {
            if (status.isPaused) {
                MainButton(stringResource(R.string.status_resume)) { actions.pause(false) }
            } else {
                val mayBegin = !status.isWorking && status.trouble?.isEnded != true
                MainButton(stringResource(R.string.status_now), mayBegin, actions::backUpNow)
                OtherButton(stringResource(R.string.status_pause)) { actions.pause(true) }
            }
        },
    ) {
        Title(stringResource(R.string.app_name))
        TroublePanel(state, actions)
        Failure(state)
        state.restore.interrupted?.let { InterruptedPanel(it, actions) }
        LastBackup(status)
        if (state.isWordsMissing) Warning(stringResource(R.string.status_words_missing))
        val isMedia = status.sources.any { it.locator.startsWith("media:") }
        if (isMedia && (state.access != MediaAccess.FULL || !state.givesOriginals)) AccessPanel(state, actions)
        WaitingPanel(status)
        Panel {
            Section(stringResource(R.string.status_next))
            Explanation(nextSentence(state))
            if (status.isHeldUp) {
                for (reason in state.system.obstacles) {
                    Explanation(stringResource(R.string.system_says, stringResource(reason.sentence)))
                }
            }
        }
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            LinkButton(stringResource(R.string.status_restore)) { actions.go(Step.RESTORE) }
            LinkButton(stringResource(R.string.status_health)) { actions.go(Step.HEALTH) }
            LinkButton(stringResource(R.string.status_settings)) { actions.go(Step.SETTINGS) }
        }
    }
}

/** What keeps the phone from backing up, and the way on. */
@Composable
private fun TroublePanel(
    state: AppState,
    actions: AppActions,
) {
    val trouble = state.status.trouble ?: return
    Warning(stringResource(troubleSentence(trouble)))
    if (trouble.isEnded) MainButton(stringResource(R.string.trouble_pair_again), onClick = actions.pairing::pairAgain)
}

@Composable
private fun LastBackup(status: BackupStatus) =
    Card(
        Modifier.fillMaxWidth(),
        colors =
            CardDefaults.cardColors(
                containerColor = MaterialTheme.colorScheme.primaryContainer,
                contentColor = MaterialTheme.colorScheme.onPrimaryContainer,
            ),
    ) {
        Column(Modifier.padding(20.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
            Text(stringResource(R.string.status_last), style = MaterialTheme.typography.titleMedium)
            Text(
                status.lastMs?.let { timeText(it) } ?: stringResource(R.string.status_never),
                style = MaterialTheme.typography.displaySmall,
                fontWeight = FontWeight.SemiBold,
            )
            if (status.lastMs != null) Text(stringResource(R.string.status_confirmed))
            Text(safeText(status), style = MaterialTheme.typography.bodyLarge)
            if (status.isPaused) {
                Text(
                    stringResource(R.string.status_paused),
                    style = MaterialTheme.typography.titleLarge,
                )
            }
            if (status.isWorking) {
                Text(stringResource(R.string.status_working), style = MaterialTheme.typography.bodyLarge)
                LinearProgressIndicator({ status.shareDone }, Modifier.fillMaxWidth())
            }
        }
    }

@Composable
private fun safeText(status: BackupStatus): String =
    stringResource(R.string.pair, countText(R.plurals.status_synced, status.filesSynced), sizeText(status.bytesSynced))

@Composable
private fun WaitingPanel(status: BackupStatus) =
    Panel {
        Section(stringResource(R.string.status_waits))
        if (status.waiting.isEmpty()) Explanation(stringResource(R.string.status_nothing_waits))
        for ((reason, count) in status.waiting) {
            Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(12.dp), Alignment.Top) {
                Text(
                    countText(R.plurals.files, count),
                    Modifier.weight(1f),
                    style = MaterialTheme.typography.titleMedium,
                )
                Text(words().waiting(reason), Modifier.weight(2f), style = MaterialTheme.typography.bodyLarge)
            }
        }
    }

/** What comes, in the order of what keeps it from coming. */
@Composable
private fun nextSentence(state: AppState): String {
    val status = state.status
    val reasons = status.waiting.map { it.reason }
    val retryAtMs = status.retryAtMs
    val hours = state.policy.hours
    return when {
        status.trouble != null -> {
            stringResource(if (status.trouble.isEnded) R.string.next_ended else R.string.next_storage)
        }

        status.isPaused -> {
            stringResource(R.string.next_paused)
        }

        status.isWorking -> {
            stringResource(R.string.next_working)
        }

        "network-none" in reasons || "network-metered" in reasons -> {
            stringResource(R.string.next_network)
        }

        "not-charging" in reasons -> {
            stringResource(R.string.next_charging)
        }

        "outside-hours" in reasons && hours != null -> {
            stringResource(R.string.next_hours, hourText(hours.first))
        }

        retryAtMs != null -> {
            val time = DateUtils.formatDateTime(LocalContext.current, retryAtMs, DateUtils.FORMAT_SHOW_TIME)
            stringResource(R.string.next_retry, time)
        }

        state.system.isWatching -> {
            stringResource(R.string.next_watch)
        }

        else -> {
            stringResource(R.string.next_sweep)
        }
    }
}

// The truth about the backup. Rule: the largest letters are the time of the last receipt; whatever waits has its reason, and what
// happens next is said without being asked.

package org.coffre.app.screens

import android.text.format.DateUtils
import android.text.format.Formatter
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.res.pluralStringResource
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.font.FontWeight
import org.coffre.app.R
import org.coffre.app.files.MediaAccess
import java.text.NumberFormat

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
                MainButton(stringResource(R.string.status_now), !status.isWorking, actions::backUpNow)
                OtherButton(stringResource(R.string.status_pause)) { actions.pause(true) }
            }
            OtherButton(stringResource(R.string.status_settings)) { actions.go(Step.SETTINGS) }
        },
    ) {
        status.trouble?.let { Warning(stringResource(troubleSentence(it))) }
        Failure(state)
        LastBackup(status)
        if (state.isWordsMissing) Warning(stringResource(R.string.status_words_missing))
        if (status.sources.any { it.locator.startsWith("media:") } &&
            (state.access != MediaAccess.FULL || !state.givesOriginals)
        ) {
            AccessPanel(state, actions)
        }
        WaitingPanel(status)
        Panel {
            Text(stringResource(R.string.status_next), style = MaterialTheme.typography.titleMedium)
            Explanation(nextSentence(status))
        }
    }
}

@Composable
private fun LastBackup(status: BackupStatus) {
    val context = LocalContext.current
    Text(stringResource(R.string.status_last), style = MaterialTheme.typography.titleMedium)
    val time =
        status.lastMs?.let {
            DateUtils.formatDateTime(
                context,
                it,
                DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_TIME or DateUtils.FORMAT_ABBREV_MONTH,
            )
        }
    Text(
        time ?: stringResource(R.string.status_never),
        style = MaterialTheme.typography.displaySmall,
        fontWeight = FontWeight.SemiBold,
        color = MaterialTheme.colorScheme.primary,
    )
    if (time != null) Explanation(stringResource(R.string.status_confirmed))
    val files = status.filesSynced.coerceAtMost(Int.MAX_VALUE.toLong()).toInt()
    val size = Formatter.formatShortFileSize(context, status.bytesSynced)
    Explanation(pluralStringResource(R.plurals.status_synced, files, numberText(status.filesSynced), size))
    if (status.isPaused) Text(stringResource(R.string.status_paused), style = MaterialTheme.typography.titleLarge)
    if (status.isWorking) {
        Text(stringResource(R.string.status_working), style = MaterialTheme.typography.bodyLarge)
        LinearProgressIndicator({ status.shareDone }, Modifier.fillMaxWidth())
    }
}

@Composable
private fun WaitingPanel(status: BackupStatus) =
    Panel {
        Text(stringResource(R.string.status_waits), style = MaterialTheme.typography.titleMedium)
        if (status.waiting.isEmpty()) Explanation(stringResource(R.string.status_nothing_waits))
        for ((reason, count) in status.waiting) {
            val files = count.coerceAtMost(Int.MAX_VALUE.toLong()).toInt()
            val why = stringResource(reasonWords(reason), reason)
            Text(
                pluralStringResource(R.plurals.status_waiting, files, numberText(count), why),
                style = MaterialTheme.typography.bodyLarge,
            )
        }
    }

private fun numberText(number: Long): String = NumberFormat.getIntegerInstance().format(number)

/** What comes, in the order of what keeps it from coming. */
@Composable
private fun nextSentence(status: BackupStatus): String {
    val reasons = status.waiting.map { it.reason }
    val retryAtMs = status.retryAtMs
    return when {
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

        retryAtMs != null -> {
            val time = DateUtils.formatDateTime(LocalContext.current, retryAtMs, DateUtils.FORMAT_SHOW_TIME)
            stringResource(R.string.next_retry, time)
        }

        else -> {
            stringResource(R.string.next_sweep)
        }
    }
}

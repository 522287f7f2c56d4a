// How it really is: each folder, the files that wait, and what was done lately. Rule: nothing that went wrong is left out because
// something later went well.

package org.coffre.app.screens

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import org.coffre.app.R
import org.coffre.app.activity.Activity
import org.coffre.app.activity.ActivityKind

@Composable
fun HealthScreen(
    state: AppState,
    actions: AppActions,
) = ListPage(
    stringResource(R.string.health_title),
    actions = { MainButton(stringResource(R.string.done)) { actions.go(Step.STATUS) } },
    head = {
        state.status.trouble?.let { Warning(stringResource(troubleSentence(it))) }
        Panel {
            Section(stringResource(R.string.health_folders))
            if (state.status.sources.isEmpty()) Explanation(stringResource(R.string.health_no_folders))
            for (source in state.status.sources) {
                val failure = source.unavailable
                val how = if (failure == null) stringResource(R.string.health_good) else words().root(failure)
                Text(
                    stringResource(R.string.health_folder, sourceName(source), how),
                    style = MaterialTheme.typography.bodyLarge,
                )
            }
            if (state.status.filesExcluded >
                0
            ) {
                Explanation(countText(R.plurals.health_excluded, state.status.filesExcluded))
            }
        }
        SystemPanel(state)
    },
) {
    if (state.status.files.isNotEmpty()) item { ListTitle(stringResource(R.string.health_waiting)) }
    items(state.status.files) { FileRow(it) }
    item { ListTitle(stringResource(R.string.health_lately)) }
    if (state.activity.isEmpty()) item { Explanation(stringResource(R.string.health_nothing)) }
    items(state.activity) { ActivityRow(it) }
}

/** What Android makes of the work in the background. */
@Composable
private fun SystemPanel(state: AppState) =
    Panel {
        val system = state.system
        Section(stringResource(R.string.health_system))
        val obstacles = if (state.status.isHeldUp) system.obstacles else emptySet()
        for (reason in obstacles) Explanation(stringResource(R.string.health_held_up, stringResource(reason.sentence)))
        system.lastStop?.let {
            Explanation(stringResource(R.string.health_stopped, timeText(it.atMs), stringResource(it.reason.sentence)))
        }
        if (obstacles.isEmpty() && system.lastStop == null) Explanation(stringResource(R.string.health_system_good))
        if (system.isWatching) Explanation(stringResource(R.string.health_watching))
    }

@Composable
private fun ListTitle(text: String) = Column(Modifier.padding(top = 16.dp, bottom = 4.dp)) { Section(text) }

@Composable
private fun FileRow(file: WaitingFile) =
    Column(Modifier.padding(vertical = 6.dp)) {
        Text("${file.root}/${file.path}")
        Detail(words().waiting(file.reason))
    }

@Composable
private fun ActivityRow(activity: Activity) =
    Column(Modifier.padding(vertical = 6.dp)) {
        Text(activitySentence(activity))
        Detail(timeText(activity.atMs))
    }

@Composable
private fun activitySentence(activity: Activity): String {
    val code = activity.code
    val sent = if (activity.bytes > 0) stringResource(R.string.activity_sent, sizeText(activity.bytes)) else null
    val sentence =
        when (activity.kind) {
            ActivityKind.DONE -> {
                stringResource(R.string.activity_done)
            }

            ActivityKind.WAITING -> {
                stringResource(R.string.activity_waiting, code?.let { words().waiting(it) }.orEmpty())
            }

            ActivityKind.STOPPED -> {
                stringResource(R.string.activity_stopped)
            }

            ActivityKind.FAILED -> {
                words().failure(code ?: "host-error")
            }

            ActivityKind.NOTICE -> {
                words().notice(code.orEmpty().substringBefore('/'), code?.substringAfter('/', "")) +
                    "."
            }
        }
    return listOfNotNull(sentence, sent).joinToString(" ")
}

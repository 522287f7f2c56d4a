// What is backed up, and what the owner lets the app see. Rule: the state of a permission is shown as it is now, and why it is asked
// for stands beside the button that asks.

package org.coffre.app.screens

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.selection.toggleable
import androidx.compose.material3.Checkbox
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.unit.dp
import org.coffre.app.R
import org.coffre.app.files.MediaAccess

@Composable
fun SourcesScreen(
    state: AppState,
    actions: AppActions,
) = Page(
    stringResource(R.string.sources_title),
    actions = {
        val isReady = state.chosen.isNotEmpty() || state.status.sources.isNotEmpty()
        MainButton(stringResource(R.string.sources_start), isReady && !state.isBusy, actions.sources::begin)
        OtherButton(stringResource(R.string.sources_folder), onClick = actions::pickFolder)
    },
) {
    Failure(state)
    MediaChoice(state, actions, AppState.CAMERA, R.string.sources_camera, R.string.sources_camera_text)
    MediaChoice(state, actions, AppState.PICTURES, R.string.sources_pictures, R.string.sources_pictures_text)
    MediaChoice(state, actions, AppState.MOVIES, R.string.sources_movies, R.string.sources_movies_text)
    for (source in state.status.sources.filter { it.locator.startsWith("content:") }) Explanation(source.name)
    if (state.chosen.isNotEmpty()) AccessPanel(state, actions)
}

/** What the app may see, and the way to change it. */
@Composable
fun AccessPanel(
    state: AppState,
    actions: AppActions,
) {
    val sentence =
        when (state.access) {
            MediaAccess.NONE -> R.string.access_none
            MediaAccess.PARTIAL -> R.string.access_partial
            MediaAccess.FULL -> if (state.givesOriginals) R.string.access_full else R.string.access_no_place
        }
    Panel {
        Section(stringResource(R.string.access_title))
        Explanation(stringResource(sentence))
        if (state.access != MediaAccess.FULL || !state.givesOriginals) {
            OtherButton(stringResource(R.string.access_allow), onClick = actions::askAccess)
            LinkButton(stringResource(R.string.access_settings), onClick = actions::openSettings)
        }
    }
}

/** A source as its owner knows it: the camera's folder has a name that nobody uses. */
@Composable
fun sourceName(source: Source): String =
    when (source.name) {
        AppState.CAMERA -> stringResource(R.string.sources_camera)
        AppState.PICTURES -> stringResource(R.string.sources_pictures)
        AppState.MOVIES -> stringResource(R.string.sources_movies)
        else -> source.name
    }

@Composable
private fun MediaChoice(
    state: AppState,
    actions: AppActions,
    folder: String,
    title: Int,
    text: Int,
) {
    val isChosen = folder in state.chosen
    val row = Modifier.fillMaxWidth().heightIn(min = 56.dp)
    Row(
        row.toggleable(isChosen, role = Role.Checkbox) { actions.sources.choose(folder) },
        Arrangement.spacedBy(16.dp),
        Alignment.CenterVertically,
    ) {
        Checkbox(isChosen, null)
        Labels(stringResource(title), stringResource(text), Modifier.weight(1f))
    }
}

/** What something is called, and what it is. */
@Composable
internal fun Labels(
    title: String,
    text: String,
    modifier: Modifier,
) = Column(modifier) {
    Text(title, style = MaterialTheme.typography.titleMedium)
    Detail(text)
}

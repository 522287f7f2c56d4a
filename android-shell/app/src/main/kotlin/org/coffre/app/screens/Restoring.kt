// Getting files back: the passphrase, the vault's folders, what comes and what did not. Rule: it is said at the beginning that backup
// stands still meanwhile, and at the end what did not come, and why.

package org.coffre.app.screens

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Checkbox
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import org.coffre.app.R
import org.coffre.app.restore.FileVersion
import org.coffre.app.restore.Lacking
import org.coffre.app.restore.RestoreActions
import org.coffre.app.restore.RestoreEnd
import org.coffre.app.restore.RestoreProgress
import org.coffre.app.restore.RestoreStage
import org.coffre.app.restore.RestoreState
import org.coffre.app.restore.VaultItem
import org.coffre.app.restore.VaultPlace

@Composable
fun RestoreScreen(
    state: AppState,
    actions: AppActions,
) {
    val restore = state.restore
    when (val stage = restore.stage) {
        RestoreStage.Closed -> ClosedScreen(restore, actions)
        is RestoreStage.Reading -> ReadingScreen(stage.progress, actions.restore)
        is RestoreStage.Folder -> FolderScreen(restore, stage, actions)
        is RestoreStage.Versions -> VersionsScreen(stage, actions.restore)
        is RestoreStage.Running -> RunningScreen(stage.progress, restore, actions.restore)
        is RestoreStage.Ended -> EndedScreen(stage.end, actions.restore)
    }
}

@Composable
private fun ReadingScreen(
    progress: RestoreProgress?,
    actions: RestoreActions,
) = Page(
    stringResource(R.string.restore_reading),
    actions = { OtherButton(stringResource(R.string.restore_leave), onClick = actions::leave) },
) {
    ProgressBar(progress?.share)
    val waiting = progress?.waiting
    Explanation(if (waiting == null) stringResource(R.string.restore_reading_text) else words().waiting(waiting))
}

@Composable
private fun FolderScreen(
    restore: RestoreState,
    folder: RestoreStage.Folder,
    actions: AppActions,
) = ListPage(
    folder.place.name.ifEmpty { stringResource(R.string.restore_vault) },
    actions = {
        if (!restore.mayWrite) {
            Explanation(stringResource(R.string.restore_write_why))
            MainButton(stringResource(R.string.restore_write), onClick = actions::askWriting)
        } else if (restore.chosen.isNotEmpty()) {
            MainButton(
                countText(R.plurals.restore_begin, restore.chosen.size.toLong()),
                onClick = actions.restore::begin,
            )
            Explanation(stringResource(R.string.restore_to, restore.target))
        }
        val back = if (folder.place == VaultPlace.VAULT) R.string.restore_leave else R.string.back
        OtherButton(stringResource(back), onClick = actions.restore::goBack)
    },
    head = {
        restore.failure?.let { Warning(words().failure(it)) }
        if (restore.lacking.isNotEmpty()) Warning(stringResource(R.string.restore_damaged))
        val isEmpty = folder.items.isEmpty()
        Explanation(stringResource(if (isEmpty) R.string.restore_empty else R.string.restore_choose))
    },
) {
    items(folder.items) { ItemRow(it, it.place in restore.chosen, folder.place == VaultPlace.VAULT, actions.restore) }
}

@Composable
private fun ItemRow(
    item: VaultItem,
    isChosen: Boolean,
    isRoot: Boolean,
    actions: RestoreActions,
) {
    val name = item.place.name
    val label = stringResource(R.string.restore_choose_one, name)
    Row(Modifier.fillMaxWidth().heightIn(min = 64.dp), verticalAlignment = Alignment.CenterVertically) {
        Checkbox(isChosen, { actions.choose(item.place) }, Modifier.semantics { contentDescription = label })
        val press = stringResource(if (item.isFolder) R.string.restore_enter else R.string.restore_versions)
        Column(
            Modifier
                .weight(1f)
                .clickable(onClickLabel = press, role = Role.Button) {
                    if (item.isFolder) actions.enter(item.place) else actions.showVersions(item.place)
                }.padding(8.dp),
        ) {
            Text(
                if (item.isFolder) "$name/" else name,
                style = MaterialTheme.typography.titleMedium,
                maxLines = 2,
                overflow = TextOverflow.MiddleEllipsis,
            )
            Detail(itemDetail(item, isRoot))
        }
    }
}

@Composable
private fun itemDetail(
    item: VaultItem,
    isRoot: Boolean,
): String {
    val size = sizeText(item.sizeBytes)
    val changedMs = item.changedMs
    return when {
        isRoot -> {
            stringResource(
                R.string.restore_root,
                item.place.device.orEmpty(),
                countText(R.plurals.files, item.files),
                size,
            )
        }

        item.isFolder || changedMs == null -> {
            stringResource(
                R.string.pair,
                countText(R.plurals.files, item.files),
                size,
            )
        }

        else -> {
            stringResource(R.string.pair, timeText(changedMs), size)
        }
    }
}

@Composable
private fun VersionsScreen(
    stage: RestoreStage.Versions,
    actions: RestoreActions,
) = ListPage(
    stage.file.place.name,
    actions = { OtherButton(stringResource(R.string.back), onClick = actions::goBack) },
    head = { Explanation(stringResource(R.string.restore_versions_text)) },
) { items(stage.file.versions) { VersionRow(stage.file.place, it, actions) } }

@Composable
private fun VersionRow(
    file: VaultPlace,
    version: FileVersion,
    actions: RestoreActions,
) = Row(
    Modifier.fillMaxWidth().heightIn(min = 72.dp),
    Arrangement.spacedBy(8.dp),
    Alignment.CenterVertically,
) {
    Column(Modifier.weight(1f)) {
        Text(timeText(version.syncedAtMs), style = MaterialTheme.typography.titleMedium)
        val size = sizeText(version.sizeBytes)
        Detail(
            if (version.isCurrent) {
                stringResource(
                    R.string.pair,
                    stringResource(R.string.restore_newest),
                    size,
                )
            } else {
                size
            },
        )
    }
    val label = stringResource(R.string.restore_version_of, timeText(version.syncedAtMs))
    LinkButton(stringResource(R.string.restore_version), Modifier.semantics { contentDescription = label }) {
        actions.bringBack(file, version)
    }
}

@Composable
private fun RunningScreen(
    progress: RestoreProgress?,
    restore: RestoreState,
    actions: RestoreActions,
) = Page(
    stringResource(R.string.restore_running),
    actions = { OtherButton(stringResource(R.string.restore_stop), onClick = actions::stop) },
) {
    ProgressBar(progress?.share)
    if (progress != null && progress.filesTotal > 0) {
        Text(
            stringResource(R.string.restore_part, numberText(progress.filesDone), numberText(progress.filesTotal)),
            style = MaterialTheme.typography.titleLarge,
        )
        Explanation(stringResource(R.string.restore_part, sizeText(progress.bytesDone), sizeText(progress.bytesTotal)))
    }
    progress?.waiting?.let { Warning(words().waiting(it)) }
    Explanation(stringResource(R.string.restore_to, restore.target))
    Explanation(stringResource(R.string.restore_stay))
}

@Composable
private fun EndedScreen(
    end: RestoreEnd,
    actions: RestoreActions,
) = ListPage(
    stringResource(if (end.code == null) R.string.restore_done else R.string.restore_ended),
    actions = {
        MainButton(stringResource(R.string.restore_leave), onClick = actions::leave)
        OtherButton(stringResource(R.string.restore_more), onClick = actions::goBack)
    },
    head = {
        Panel {
            Text(
                countText(R.plurals.restore_came, end.filesRestored),
                style = MaterialTheme.typography.headlineSmall,
                fontWeight = FontWeight.SemiBold,
            )
            Explanation(stringResource(R.string.restore_where, sizeText(end.bytesRestored), end.target))
            if (end.filesSkipped > 0) Explanation(countText(R.plurals.restore_skipped, end.filesSkipped))
        }
        end.code?.let { Warning(words().failure(it)) }
        if (end.filesFailed > 0) Section(countText(R.plurals.restore_failed, end.filesFailed))
    },
) { items(end.lacking) { LackingRow(it) } }

@Composable
private fun LackingRow(lacking: Lacking) =
    Column(Modifier.padding(vertical = 8.dp)) {
        val place = listOfNotNull(lacking.place.root, lacking.place.path.ifEmpty { null }).joinToString("/")
        Text(place.ifEmpty { lacking.place.device ?: stringResource(R.string.restore_vault) })
        Detail(words().damage(lacking.code))
    }

@Composable
private fun ProgressBar(share: Float?) =
    if (share ==
        null
    ) {
        LinearProgressIndicator(Modifier.fillMaxWidth())
    } else {
        LinearProgressIndicator({ share }, Modifier.fillMaxWidth())
    }

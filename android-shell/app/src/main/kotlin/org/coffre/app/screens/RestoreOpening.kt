// Before the vault is open: the passphrase, and what was broken off. Rule: it is said here that backup stands still meanwhile.

package org.coffre.app.screens

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.res.stringResource
import org.coffre.app.R
import org.coffre.app.restore.Interrupted
import org.coffre.app.restore.RestoreState

@Composable
internal fun ClosedScreen(
    restore: RestoreState,
    actions: AppActions,
) {
    var secret by remember { mutableStateOf("") }
    Page(
        stringResource(R.string.restore_title),
        actions = {
            MainButton(stringResource(R.string.restore_open), secret.isNotBlank()) {
                actions.restore.open(secret.toCharArray())
            }
            OtherButton(stringResource(R.string.back)) { actions.go(Step.STATUS) }
        },
    ) {
        Explanation(stringResource(R.string.restore_text))
        restore.failure?.let { Warning(words().failure(it)) }
        restore.interrupted?.let {
            Panel {
                Section(stringResource(R.string.restore_interrupted))
                Explanation(
                    stringResource(
                        R.string.restore_go_on_text,
                        countText(R.plurals.restore_items, it.items.toLong()),
                        it.target,
                    ),
                )
                LinkButton(stringResource(R.string.restore_drop), onClick = actions.restore::dropInterrupted)
            }
        }
        SecretField(R.string.passphrase_or_words, secret) { secret = it }
        Panel {
            Section(stringResource(R.string.restore_still_title))
            Explanation(stringResource(R.string.restore_still))
        }
    }
}

/** A restore that was broken off, where its owner looks first. */
@Composable
internal fun InterruptedPanel(
    interrupted: Interrupted,
    actions: AppActions,
) = Panel {
    Section(stringResource(R.string.restore_interrupted))
    val items = countText(R.plurals.restore_items, interrupted.items.toLong())
    Explanation(stringResource(R.string.restore_interrupted_text, items, interrupted.target))
    OtherButton(stringResource(R.string.restore_go_on)) { actions.go(Step.RESTORE) }
    LinkButton(stringResource(R.string.restore_drop), onClick = actions.restore::dropInterrupted)
}

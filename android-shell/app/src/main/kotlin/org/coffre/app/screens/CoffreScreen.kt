// Which screen is shown. Rule: state in, screen out.

package org.coffre.app.screens

import androidx.annotation.StringRes
import androidx.compose.runtime.Composable
import org.coffre.app.R

@Composable
fun CoffreScreen(
    state: AppState,
    actions: AppActions,
) = CoffreTheme {
    when (state.step) {
        Step.WELCOME -> WelcomeScreen(state, actions)
        Step.SERVER -> ServerScreen(state, actions)
        Step.SCAN -> ScanScreen(state, actions)
        Step.PASSPHRASE -> PassphraseScreen(state, actions)
        Step.WORDS -> WordsScreen(state, actions)
        Step.CHECK -> CheckScreen(state, actions)
        Step.SOURCES -> SourcesScreen(state, actions)
        Step.STATUS -> StatusScreen(state, actions)
        Step.HEALTH -> HealthScreen(state, actions)
        Step.SETTINGS -> SettingsScreen(state, actions)
        Step.RESTORE -> RestoreScreen(state, actions)
    }
}

/** What keeps the phone from working. */
@StringRes
fun troubleSentence(trouble: Trouble): Int =
    when (trouble) {
        Trouble.KEY_GONE -> R.string.trouble_key_gone
        Trouble.DAMAGED -> R.string.trouble_damaged
        Trouble.STORAGE -> R.string.trouble_storage
        Trouble.CLONED -> R.string.trouble_cloned
        Trouble.FORKED -> R.string.trouble_forked
        Trouble.REVOKED -> R.string.trouble_revoked
    }

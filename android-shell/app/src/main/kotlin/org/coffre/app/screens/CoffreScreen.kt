// Which screen is shown. Rule: state in, screen out.

package org.coffre.app.screens

import androidx.compose.runtime.Composable

@Composable
fun CoffreScreen(
    state: AppState,
    actions: AppActions,
) = CoffreTheme {
    when (state.step) {
        Step.WELCOME -> WelcomeScreen(state, actions)
        Step.SERVER -> ServerScreen(state, actions)
        Step.PASSPHRASE -> PassphraseScreen(state, actions)
        Step.WORDS -> WordsScreen(state, actions)
        Step.CHECK -> CheckScreen(state, actions)
        Step.SOURCES -> SourcesScreen(state, actions)
        Step.STATUS -> StatusScreen(state, actions)
        Step.SETTINGS -> SettingsScreen(state, actions)
    }
}

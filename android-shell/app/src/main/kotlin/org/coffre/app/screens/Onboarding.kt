// From an installed app to a paired phone. Rule: one question a screen; what was typed is kept while the phone is turned, but for the
// passphrase, which is nowhere but in its field.

package org.coffre.app.screens

import androidx.compose.foundation.Image
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateListOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.painterResource
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.input.KeyboardCapitalization
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.unit.dp
import org.coffre.app.R
import org.coffre.app.pairing.PairingText

@Composable
fun WelcomeScreen(
    state: AppState,
    actions: AppActions,
) = Page(
    stringResource(R.string.welcome_title),
    actions = {
        MainButton(stringResource(R.string.welcome_create)) {
            actions.pairing.fill(state.form.copy(isNew = true))
            actions.go(Step.SERVER)
        }
        OtherButton(stringResource(R.string.welcome_join)) {
            actions.pairing.fill(state.form.copy(isNew = false))
            actions.go(Step.SERVER)
        }
    },
) {
    Image(painterResource(R.drawable.icon), null, Modifier.size(72.dp))
    Explanation(stringResource(R.string.welcome_text))
    state.status.trouble?.let { Warning(stringResource(troubleSentence(it))) }
}

@Composable
fun ServerScreen(
    state: AppState,
    actions: AppActions,
) {
    val form = state.form
    val fill = actions.pairing::fill
    val meant = PairingText.parse(form.address)
    Page(
        stringResource(R.string.server_title),
        actions = {
            val isFilled = form.address.isNotBlank() && form.login.isNotBlank() && form.deviceName.isNotBlank()
            MainButton(stringResource(R.string.next), isFilled, actions.pairing::chooseServer)
            OtherButton(stringResource(R.string.back)) { actions.go(Step.WELCOME) }
        },
    ) {
        Explanation(stringResource(if (state.isReplaced) R.string.server_text_replaced else R.string.server_text))
        Failure(state)
        if (form.address.startsWith("coffre:") && meant != null) {
            GivenServer(meant) { fill(form.copy(address = "")) }
        } else {
            OtherButton(stringResource(R.string.server_scan)) { actions.go(Step.SCAN) }
            PlainField(R.string.server_address, form.address, KeyboardType.Uri) { fill(form.copy(address = it)) }
        }
        if (meant?.server?.url?.startsWith("http:") == true) Explanation(stringResource(R.string.server_plain))
        PlainField(R.string.server_login, form.login) { fill(form.copy(login = it)) }
        if (form.isNew && meant?.invitation == null) {
            PlainField(R.string.server_invitation, form.invitation) { fill(form.copy(invitation = it)) }
        }
        PlainField(R.string.server_device, form.deviceName) { fill(form.copy(deviceName = it)) }
    }
}

/** What a code says, so that its owner sees it before anything is sent there. */
@Composable
private fun GivenServer(
    given: PairingText,
    onDrop: () -> Unit,
) = Panel {
    Section(given.server.url)
    if (given.server.pin != null) Explanation(stringResource(R.string.server_pinned))
    if (given.invitation != null) Explanation(stringResource(R.string.server_invited))
    LinkButton(stringResource(R.string.server_other), onClick = onDrop)
}

@Composable
fun PassphraseScreen(
    state: AppState,
    actions: AppActions,
) {
    val isNew = state.form.isNew
    var first by remember { mutableStateOf("") }
    var second by remember { mutableStateOf("") }
    val isSame = !isNew || first == second
    Page(
        stringResource(if (isNew) R.string.passphrase_title_new else R.string.passphrase_title_known),
        actions = {
            val isReady = first.isNotEmpty() && isSame && !state.isBusy
            MainButton(stringResource(if (isNew) R.string.passphrase_create else R.string.passphrase_join), isReady) {
                actions.pairing.pair(first.toCharArray())
            }
            OtherButton(stringResource(R.string.back), !state.isBusy) { actions.go(Step.SERVER) }
        },
    ) {
        Explanation(stringResource(if (isNew) R.string.passphrase_text_new else R.string.passphrase_text_known))
        Failure(state)
        SecretField(if (isNew) R.string.passphrase else R.string.passphrase_or_words, first) { first = it }
        if (isNew) {
            SecretField(R.string.passphrase_again, second) { second = it }
            val rule = if (second.isEmpty() || isSame) R.string.passphrase_rule else R.string.passphrase_differs
            Text(stringResource(rule), style = MaterialTheme.typography.bodyMedium)
        }
        if (state.isBusy) {
            LinearProgressIndicator(Modifier.fillMaxWidth())
            Explanation(stringResource(R.string.working))
        }
    }
}

@Composable
fun WordsScreen(
    state: AppState,
    actions: AppActions,
) = Page(
    stringResource(R.string.words_title),
    actions = { MainButton(stringResource(R.string.words_written)) { actions.go(Step.CHECK) } },
) {
    Explanation(stringResource(R.string.words_text))
    Panel {
        for (row in state.words.withIndex().chunked(2)) {
            Row(Modifier.fillMaxWidth().padding(vertical = 2.dp), horizontalArrangement = Arrangement.spacedBy(16.dp)) {
                for ((at, word) in row) {
                    Text(
                        "${at + 1}".padStart(2) + "  $word",
                        Modifier.weight(1f),
                        style = MaterialTheme.typography.titleMedium.copy(fontFamily = FontFamily.Monospace),
                    )
                }
            }
        }
    }
}

@Composable
fun CheckScreen(
    state: AppState,
    actions: AppActions,
) {
    val typed = remember(state.asked) { mutableStateListOf(*Array(state.asked.size) { "" }) }
    Page(
        stringResource(R.string.check_title),
        actions = {
            MainButton(
                stringResource(R.string.next),
                typed.none { it.isBlank() },
            ) { actions.pairing.checkWords(typed.toList()) }
            OtherButton(stringResource(R.string.check_look_again), onClick = actions.pairing::showWords)
        },
    ) {
        Explanation(stringResource(R.string.check_text))
        Failure(state)
        for ((index, at) in state.asked.withIndex()) {
            Field(stringResource(R.string.check_word, at + 1), typed[index], PLAIN) { typed[index] = it }
        }
    }
}

/** What went wrong with the last try. */
@Composable
fun Failure(state: AppState) {
    state.failure?.let { Warning(words().failure(it)) }
}

private val PLAIN = KeyboardOptions(KeyboardCapitalization.None, autoCorrectEnabled = false)

@Composable
private fun PlainField(
    label: Int,
    value: String,
    keyboard: KeyboardType = KeyboardType.Text,
    onChange: (String) -> Unit,
) = Field(stringResource(label), value, PLAIN.copy(keyboardType = keyboard), onChange = onChange)

@Composable
internal fun SecretField(
    label: Int,
    value: String,
    onChange: (String) -> Unit,
) = Column {
    Field(
        stringResource(label),
        value,
        PLAIN.copy(keyboardType = KeyboardType.Password),
        PasswordVisualTransformation(),
        onChange,
    )
}

@Composable
private fun Field(
    label: String,
    value: String,
    keyboard: KeyboardOptions,
    look: VisualTransformation = VisualTransformation.None,
    onChange: (String) -> Unit,
) = OutlinedTextField(
    value,
    onChange,
    Modifier.fillMaxWidth(),
    label = { Text(label) },
    singleLine = true,
    keyboardOptions = keyboard,
    visualTransformation = look,
)

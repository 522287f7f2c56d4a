// What the owner decides: when, what, where to. Rule: a change holds at once, and what Android decides is named as such.

package org.coffre.app.screens

import android.os.Build
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.selection.toggleable
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.coffre.app.R
import org.coffre.app.session.Policy

private const val MINUTES_OF_DAY = 1_440
private const val STEP_MINUTES = 60

/** What is offered first: the night. */
private val NIGHT = 22 * STEP_MINUTES to 7 * STEP_MINUTES

@Composable
fun SettingsScreen(
    state: AppState,
    actions: AppActions,
) = Page(
    stringResource(R.string.settings_title),
    actions = { MainButton(stringResource(R.string.done)) { actions.go(Step.STATUS) } },
) {
    Failure(state)
    PolicyPanel(state.policy, actions.sources::setPolicy)
    WatchPanel(state, actions)
    AccessPanel(state, actions)
    SourcesPanel(state, actions)
    Panel {
        Section(stringResource(R.string.settings_server))
        Explanation(
            stringResource(R.string.settings_server_text, state.form.login, state.server, state.form.deviceName),
        )
    }
    Panel {
        Section(stringResource(R.string.settings_language))
        Explanation(stringResource(R.string.settings_language_text))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            LinkButton(stringResource(R.string.settings_language_choose), onClick = actions::chooseLanguage)
        }
    }
}

@Composable
private fun PolicyPanel(
    policy: Policy,
    onChange: (Policy) -> Unit,
) = Panel {
    Section(stringResource(R.string.settings_when))
    PolicySwitch(R.string.settings_wifi, R.string.settings_wifi_text, policy.unmeteredOnly) {
        onChange(policy.copy(unmeteredOnly = it))
    }
    if (!policy.unmeteredOnly) MobileDataRows(policy, onChange)
    PolicySwitch(R.string.settings_charging, R.string.settings_charging_text, policy.chargingOnly) {
        onChange(policy.copy(chargingOnly = it))
    }
    val hours = policy.hours
    PolicySwitch(R.string.settings_hours, R.string.settings_hours_text, hours != null) {
        onChange(policy.copy(hours = if (it) NIGHT else null))
    }
    if (hours != null) {
        HourRow(R.string.settings_from, hours.first) { onChange(policy.copy(hours = it to hours.second)) }
        HourRow(R.string.settings_to, hours.second) { onChange(policy.copy(hours = hours.first to it)) }
    }
}

/** Watching all the time: what it brings and costs, and whether Android lets it. */
@Composable
private fun WatchPanel(
    state: AppState,
    actions: AppActions,
) = Panel {
    val system = state.system
    Section(stringResource(R.string.settings_watch_title))
    PolicySwitch(
        R.string.settings_watch,
        R.string.settings_watch_text,
        system.isContinuous,
        actions::watchAlways,
    )
    Explanation(stringResource(R.string.settings_watch_cost))
    if (system.isContinuous && !system.isWatching) {
        Explanation(
            stringResource(if (state.status.isPaused) R.string.settings_watch_paused else R.string.settings_watch_not),
        )
    }
    if (system.isContinuous && !system.isExempt) {
        Explanation(stringResource(R.string.settings_battery_text))
        LinkButton(stringResource(R.string.settings_battery), onClick = actions::openBattery)
    }
}

@Composable
private fun HourRow(
    sentence: Int,
    minute: Int,
    onChange: (Int) -> Unit,
) {
    val said = hourText(minute)
    StepRow(
        stringResource(sentence, said),
        stringResource(R.string.settings_earlier, said),
        stringResource(R.string.settings_later, said),
    ) { step -> onChange((minute + step * STEP_MINUTES + MINUTES_OF_DAY) % MINUTES_OF_DAY) }
}

/** A value that goes down and up by steps; [less] and [more] say to a screen reader what the two buttons do. */
@Composable
internal fun StepRow(
    text: String,
    less: String,
    more: String,
    onStep: (Int) -> Unit,
) = Row(Modifier.fillMaxWidth(), verticalAlignment = Alignment.CenterVertically) {
    Text(text, Modifier.weight(1f), style = MaterialTheme.typography.bodyLarge)
    LinkButton("−", Modifier.semantics { contentDescription = less }) { onStep(-1) }
    LinkButton("+", Modifier.semantics { contentDescription = more }) { onStep(1) }
}

@Composable
internal fun PolicySwitch(
    title: Int,
    text: Int,
    isOn: Boolean,
    onChange: (Boolean) -> Unit,
) = Row(
    Modifier.fillMaxWidth().heightIn(min = 56.dp).toggleable(isOn, role = Role.Switch, onValueChange = onChange),
    Arrangement.spacedBy(16.dp),
    Alignment.CenterVertically,
) {
    Labels(stringResource(title), stringResource(text), Modifier.weight(1f))
    Switch(isOn, null)
}

@Composable
private fun SourcesPanel(
    state: AppState,
    actions: AppActions,
) = Panel {
    var open by rememberSaveable { mutableStateOf<String?>(null) }
    Section(stringResource(R.string.settings_sources))
    for (source in state.status.sources) {
        val name = sourceName(source)
        Text(name, style = MaterialTheme.typography.bodyLarge)
        if (source.excludes.isNotEmpty()) {
            Detail(
                stringResource(R.string.settings_without, source.excludes.joinToString(", ")),
            )
        }
        Row {
            val change = stringResource(R.string.settings_exclude_of, name)
            LinkButton(stringResource(R.string.settings_exclude), Modifier.semantics { contentDescription = change }) {
                open = source.name.takeIf { it != open }
            }
            val remove = stringResource(R.string.settings_remove_of, name)
            LinkButton(stringResource(R.string.settings_remove), Modifier.semantics { contentDescription = remove }) {
                actions.sources.remove(source.name)
            }
        }
        if (open == source.name) {
            ExclusionField(source) {
                actions.sources.exclude(source, it)
                open = null
            }
        }
    }
    OtherButton(stringResource(R.string.sources_folder), onClick = actions::pickFolder)
}

/** Patterns, a line each. */
@Composable
private fun ExclusionField(
    source: Source,
    onDone: (List<String>) -> Unit,
) {
    var text by rememberSaveable(source.name) { mutableStateOf(source.excludes.joinToString("\n")) }
    OutlinedTextField(
        text,
        { text = it },
        Modifier.fillMaxWidth(),
        label = { Text(stringResource(R.string.settings_patterns)) },
        supportingText = { Text(stringResource(R.string.settings_patterns_text)) },
        minLines = 2,
    )
    OtherButton(stringResource(R.string.settings_keep)) {
        onDone(text.lines().map { it.trim() }.filter { it.isNotEmpty() })
    }
}

// What mobile data may be used for. Rule: shown only where its owner allowed it at all, and a month's limit is never more than it says.

package org.coffre.app.screens

import androidx.compose.runtime.Composable
import androidx.compose.ui.res.stringResource
import org.coffre.app.R
import org.coffre.app.session.Policy

private const val MEGABYTE = 1_000_000L

/** What a month may cost, in steps; null, the last one, is no limit. */
internal val BUDGETS: List<Long?> =
    listOf(100, 250, 500, 1_000, 2_000, 5_000, 10_000).map { it * MEGABYTE } + listOf(null)

/** Abroad too, and how much in a month. */
@Composable
internal fun MobileDataRows(
    policy: Policy,
    onChange: (Policy) -> Unit,
) {
    PolicySwitch(R.string.settings_roaming, R.string.settings_roaming_text, policy.roamingToo) {
        onChange(policy.copy(roamingToo = it))
    }
    val budget = policy.meteredBytesPerMonth
    StepRow(
        budget?.let { stringResource(R.string.settings_budget, sizeText(it)) }
            ?: stringResource(R.string.settings_budget_none),
        stringResource(R.string.settings_budget_less),
        stringResource(R.string.settings_budget_more),
    ) { step -> onChange(policy.copy(meteredBytesPerMonth = nextBudget(budget, step))) }
    Detail(stringResource(R.string.settings_budget_text))
}

/** The budget that is [step] steps from [budget]; the ends hold. */
internal fun nextBudget(
    budget: Long?,
    step: Int,
): Long? {
    // One that is none of the steps counts as the next larger one.
    val place = BUDGETS.indexOfFirst { it == null || (budget != null && budget <= it) }
    return BUDGETS[(place + step).coerceIn(BUDGETS.indices)]
}

// Numbers, sizes and times as the phone's language writes them. Rule: nothing here decides what is said.

package org.coffre.app.screens

import android.text.format.DateUtils
import android.text.format.Formatter
import androidx.annotation.PluralsRes
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.platform.LocalConfiguration
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.res.pluralStringResource
import androidx.compose.ui.res.stringResource
import org.coffre.app.R
import java.text.NumberFormat

private const val MINUTES_PER_HOUR = 60

/** `12,408`. */
@Composable
fun numberText(number: Long): String =
    NumberFormat.getIntegerInstance(LocalConfiguration.current.locales[0]).format(number)

/** `48 GB`. */
@Composable
fun sizeText(bytes: Long): String = Formatter.formatShortFileSize(LocalContext.current, bytes)

/** A sentence for [count], which stands in its first place. */
@Composable
fun countText(
    @PluralsRes sentence: Int,
    count: Long,
): String = pluralStringResource(sentence, count.coerceAtMost(Int.MAX_VALUE.toLong()).toInt(), numberText(count))

/** When: today and yesterday by their names. */
@Composable
fun timeText(timeMs: Long): String {
    val context = LocalContext.current
    val time = DateUtils.formatDateTime(context, timeMs, DateUtils.FORMAT_SHOW_TIME)
    return when {
        DateUtils.isToday(timeMs) -> {
            stringResource(R.string.time_today, time)
        }

        DateUtils.isToday(timeMs + DateUtils.DAY_IN_MILLIS) -> {
            stringResource(R.string.time_yesterday, time)
        }

        else -> {
            val flags = DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_TIME or DateUtils.FORMAT_ABBREV_MONTH
            DateUtils.formatDateTime(context, timeMs, flags)
        }
    }
}

/** A minute of the day as `22:00`. */
fun hourText(minute: Int): String = "%02d:%02d".format(minute / MINUTES_PER_HOUR, minute % MINUTES_PER_HOUR)

/** What is said in smaller letters below something. */
@Composable
fun Detail(text: String) =
    Text(text, style = MaterialTheme.typography.bodyMedium, color = MaterialTheme.colorScheme.onSurfaceVariant)

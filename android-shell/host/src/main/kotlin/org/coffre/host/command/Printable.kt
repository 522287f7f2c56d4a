// Text that is safe to show. Rule: nothing that a file's name holds reaches a terminal as anything but a visible character.

package org.coffre.host.command

import java.math.BigDecimal
import java.math.RoundingMode
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.Locale

/** Controls of both sets, line and paragraph separators, what changes the direction of text. */
private val UNSAFE =
    Regex(
        "[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb\\\\]",
    )
private val SHORT = mapOf('\n' to "\\n", '\r' to "\\r", '\t' to "\\t", '\\' to "\\\\")
private val UNITS = listOf("B", "kB", "MB", "GB", "TB", "PB")
private val TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
private const val DIGITS = 3
private const val LATIN_END = 0x100
private const val NEXT_UNIT = 999.5

/** A name or path with everything invisible written out: `\n`, `\x1b`, `\u202e`. */
internal fun showName(name: String): String {
    val shown = StringBuilder()
    for ((at, unit) in name.withIndex()) {
        val isHalf =
            (unit.isHighSurrogate() && !(at + 1 < name.length && name[at + 1].isLowSurrogate())) ||
                (unit.isLowSurrogate() && !(at > 0 && name[at - 1].isHighSurrogate()))
        if (isHalf || UNSAFE.matches(unit.toString())) shown.append(escape(unit)) else shown.append(unit)
    }
    return shown.toString()
}

private fun escape(unit: Char): String {
    val short = SHORT[unit]
    if (short != null) return short
    return if (unit.code < LATIN_END) "\\x%02x".format(unit.code) else "\\u%04x".format(unit.code)
}

/** A number of bytes with three digits: `1.23 MB`. */
internal fun showBytes(bytes: Long): String {
    var value = bytes.toDouble()
    var unit = 0
    while (value >= NEXT_UNIT && unit < UNITS.size - 1) {
        value /= 1000
        unit++
    }
    return "${if (unit == 0) bytes.toString() else showDigits(value)} ${UNITS[unit]}"
}

private fun showDigits(value: Double): String {
    val exact = BigDecimal(value)
    val whole = exact.setScale(0, RoundingMode.DOWN).precision()
    val rounded = exact.setScale((DIGITS - whole).coerceAtLeast(0), RoundingMode.HALF_UP)
    // 9.999 is 10.0: a digit more before the point is one less behind it.
    return rounded
        .setScale(
            (DIGITS - (rounded.precision() - rounded.scale())).coerceAtLeast(0),
            RoundingMode.HALF_UP,
        ).toPlainString()
}

/** A time as the person's clock has it: `2026-11-21 10:15:00`. */
internal fun showTime(timeMs: Long): String = TIME.format(Instant.ofEpochMilli(timeMs).atZone(ZoneId.systemDefault()))

/** A number with its word: `1 file`, `2 files`. */
internal fun showCount(
    count: Long,
    word: String,
): String = "%,d".format(Locale.ROOT, count) + " $word" + (if (count == 1L) "" else "s")

// What people write behind options: servers, pins, rates, times. Rule: what cannot be right is refused here, with words that
// show what is.

package org.coffre.host.command

import okhttp3.HttpUrl.Companion.toHttpUrlOrNull
import org.coffre.host.ports.ServerAddress
import java.time.DateTimeException
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.OffsetDateTime
import java.time.ZoneId

/** A root, and a path below it. */
internal data class Selection(
    val root: String,
    val path: String,
)

private val RATE = Regex("^([0-9]+(?:\\.[0-9]+)?)([kmg]?)(?:i?b?(?:/s)?)?$", RegexOption.IGNORE_CASE)
private val RATE_UNITS = mapOf("" to 1.0, "k" to 1e3, "m" to 1e6, "g" to 1e9)
private const val LEAST_RATE = 1_000L
private const val LARGEST_INTEGER = 9_007_199_254_740_991L
private val UNIX = Regex("@[0-9]{1,12}")
private val DATE = Regex("[0-9]{4}-[0-9]{2}-[0-9]{2}")
private val LOCAL = Regex("([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)")
private val RFC_3339 =
    Regex("[0-9]{4}-[0-9]{2}-[0-9]{2}[ Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
private val PIN = Regex("[0-9a-f]{64}")
private val SCHEME = Regex("^[a-z][a-z0-9+.-]*://", RegexOption.IGNORE_CASE)

/** A server from `--server`, `--pin` and `--allow-http`. */
internal fun parseServer(
    text: String,
    pin: String?,
    allowHttp: Boolean,
): ServerAddress {
    val url =
        (if (SCHEME.containsMatchIn(text)) text else "https://$text").toHttpUrlOrNull()
            ?: throw CommandFailed.usage(
                "--server takes an address such as https://backup.example.org or https://192.0.2.7:8484.",
            )
    val isPlain = url.username.isEmpty() && url.password.isEmpty() && url.encodedPath == "/"
    if (!isPlain || url.encodedQuery != null || url.encodedFragment != null) {
        throw CommandFailed.usage("--server takes scheme, name and port only, without a path or a password.")
    }
    if (url.scheme == "http" && !isLoopback(url.host) && !allowHttp) {
        throw CommandFailed.usage(
            "Plain http would show who talks to the server, and how much: use https, or say --allow-http.",
        )
    }
    if (pin != null && url.scheme == "http") throw CommandFailed.usage("--pin needs an https address.")
    return ServerAddress(url.toString().removeSuffix("/"), pin?.let(::parsePin))
}

/** A pin: 64 hex digits, in any case, maybe with colons, maybe behind `sha256:`. */
internal fun parsePin(text: String): String {
    val pin =
        text
            .trim()
            .lowercase()
            .replace(Regex("^sha256[:/]"), "")
            .replace(":", "")
    if (!PIN.matches(pin)) throw CommandFailed.usage("--pin takes the 64 hex digits that the server printed.")
    return pin
}

/** A rate in bytes per second: `2M`, `500k`, `1.5MB/s`; k, M and G are powers of 1000. */
internal fun parseRate(text: String): Long {
    val match = RATE.find(text.trim())
    val rate =
        if (match ==
            null
        ) {
            0.0
        } else {
            match.groupValues[1].toDouble() * RATE_UNITS.getValue(match.groupValues[2].lowercase())
        }
    if (rate < LEAST_RATE || rate > LARGEST_INTEGER) {
        throw CommandFailed.usage("--limit-upload takes bytes per second, at least 1k: 500k, 2M, 1.5M.")
    }
    return rate.toLong()
}

/** A time in ms: RFC 3339; a local `YYYY-MM-DD HH:MM[:SS]`; a date, which means its end; `@` and seconds since 1970. */
internal fun parseTime(text: String): Long =
    try {
        readTime(text.trim())
    } catch (_: DateTimeException) {
        null
    } ?: throw CommandFailed.usage(
        "--at takes 2026-11-21T10:15:00Z, '2026-11-21 10:15' (local), 2026-11-21 (the end of that day) or @1795256100.",
    )

/** `ROOT[/PATH]`. */
internal fun parseSelection(text: String): Selection {
    val root = text.substringBefore('/')
    // A slash at the end is how shells complete folders; two would begin a name that is not UTF-8.
    return Selection(root, if ('/' in text) text.substringAfter('/').removeSuffix("/") else "")
}

private fun readTime(text: String): Long? {
    if (UNIX.matches(text)) return text.substring(1).toLong() * 1000
    if (RFC_3339.matches(
            text,
        )
    ) {
        return OffsetDateTime.parse(text.replace(' ', 'T').uppercase()).toInstant().toEpochMilli()
    }
    val zone = ZoneId.systemDefault()
    val local = LOCAL.matchEntire(text)
    if (local != null) {
        val (date, time) = local.destructured
        return LocalDateTime
            .parse("${date}T$time")
            .atZone(zone)
            .toInstant()
            .toEpochMilli()
    }
    if (!DATE.matches(text)) return null
    return LocalDate
        .parse(text)
        .plusDays(1)
        .atStartOfDay(zone)
        .toInstant()
        .toEpochMilli() - 1
}

private fun isLoopback(host: String): Boolean =
    host == "localhost" || host.endsWith(".localhost") || host == "::1" || Regex("127\\.[0-9.]+").matches(host)

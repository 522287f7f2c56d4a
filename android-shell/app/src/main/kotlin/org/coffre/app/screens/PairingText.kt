// What an owner of a server gives to somebody who joins: an address, or the text of a QR code. Rule: it comes from outside, so
// whatever is not exactly one of the forms is refused, and nothing of it is acted upon in part.
//
//   https://backup.example.org                                  the system's trust
//   http://192.168.1.20:8080                                    a private address alone
//   coffre://pair?server=https%3A%2F%2F…&pin=HEX&invitation=…   what a code holds

package org.coffre.app.screens

import org.coffre.app.ports.isSafeAddress
import org.coffre.host.ports.ServerAddress
import java.net.URI
import java.net.URISyntaxException
import java.net.URLDecoder

private const val MOST_CHARS = 2_048
private const val CODE = "coffre://pair?"
private val PIN = Regex("[0-9a-f]{64}")
private val INVITATION = Regex("[A-Za-z0-9-]{1,128}")
private val FIELDS = setOf("server", "pin", "invitation")

/** A server to pair with, and what lets one in. */
data class PairingText(
    val server: ServerAddress,
    val invitation: String?,
) {
    companion object {
        /** null for a text that is none. */
        fun parse(given: String): PairingText? {
            val text = given.trim()
            if (text.length > MOST_CHARS || text.any { it <= ' ' || it > '~' }) return null
            if (!text.startsWith(CODE)) return addressOf(text)?.let { PairingText(ServerAddress(it, null), null) }
            val fields = readFields(text.removePrefix(CODE)) ?: return null
            val address = addressOf(fields["server"] ?: return null) ?: return null
            val pin = fields["pin"]?.lowercase()
            val invitation = fields["invitation"]
            if (pin != null && (!PIN.matches(pin) || !address.startsWith("https://"))) return null
            if (invitation != null && !INVITATION.matches(invitation)) return null
            return PairingText(ServerAddress(address, pin), invitation)
        }

        private fun readFields(query: String): Map<String, String>? {
            val fields = HashMap<String, String>()
            for (part in query.split('&')) {
                val name = part.substringBefore('=')
                val value =
                    runCatching { URLDecoder.decode(part.substringAfter('=', ""), "UTF-8") }.getOrNull() ?: return null
                // A field that is unknown, or comes twice, could mean anything.
                if (name !in FIELDS || fields.put(name, value) != null) return null
            }
            return fields
        }

        /** An origin and nothing behind it; a name alone is asked by TLS. */
        private fun addressOf(text: String): String? {
            val whole = if ("://" in text) text else "https://$text"
            val origin =
                try {
                    URI(whole.removeSuffix("/"))
                } catch (_: URISyntaxException) {
                    return null
                }
            val isOrigin =
                origin.host != null && origin.userInfo == null && origin.rawPath.isNullOrEmpty() &&
                    origin.rawQuery == null && origin.rawFragment == null
            val scheme = origin.scheme.lowercase()
            if (!isOrigin || (scheme != "https" && scheme != "http") || !isSafeAddress(whole)) return null
            val port = if (origin.port < 0) "" else ":${origin.port}"
            return "$scheme://${origin.host.lowercase()}$port"
        }
    }
}

// What an owner of a server gives to somebody who joins: an address, or a pairing code (docs/protocol.md P-12). Rule: it comes from
// outside, so whatever is not exactly one of the forms is refused with its reason, and nothing of it is acted upon in part.
//
//   https://backup.example.org                                  the system's trust
//   http://192.168.1.20:8080                                    a private address alone
//   coffre://pair?server=https%3A%2F%2F…&pin=HEX&invitation=…   what a code holds

package org.coffre.app.pairing

import org.coffre.app.ports.isSafeAddress
import org.coffre.host.ports.ServerAddress
import java.net.URI
import java.net.URISyntaxException
import java.net.URLDecoder
import java.net.URLEncoder

private const val MOST_CHARS = 2_048
private const val CODE = "coffre://pair?"
private val PIN = Regex("[0-9a-f]{64}")
private val INVITATION = Regex("[A-Za-z0-9-]{1,128}")
private val FIELDS = setOf("server", "pin", "invitation")

/** Why a text is no pairing; [code] names its sentence in `words`. */
enum class PairingFault(
    val code: String,
) {
    /** No server's address. */
    ADDRESS("app-address"),

    /** A code for something else. */
    OTHER("app-code-other"),
    LONG("app-code-long"),
    PIN("app-code-pin"),
    INVITATION("app-code-invitation"),

    /** A code whose server may not be asked. */
    SERVER("app-code-server"),

    /** A field that is unknown, missing, twice there, or not text. */
    FIELDS("app-code-fields"),
}

/** What a text means. */
sealed interface PairingMeaning

/** The text is none, and why. */
data class NoPairing(
    val fault: PairingFault,
) : PairingMeaning

/** A server to pair with, and what lets one in. */
data class PairingText(
    val server: ServerAddress,
    val invitation: String?,
) : PairingMeaning {
    companion object {
        /** null for a text that is none. */
        fun parse(given: String): PairingText? = judge(given) as? PairingText

        /** The code of [server], without an invitation. */
        fun format(server: ServerAddress): String {
            val pin = server.pin?.let { "&pin=$it" }.orEmpty()
            return "${CODE}server=${URLEncoder.encode(server.url, "UTF-8")}$pin"
        }

        /** What [given], typed or pasted, means. */
        fun judge(given: String): PairingMeaning {
            val text = given.trim()
            if (text.length > MOST_CHARS) return NoPairing(PairingFault.LONG)
            if (text.startsWith(CODE)) return judgeCode(text)
            val address = if (isPlainText(text)) addressOf(text) else null
            return address?.let { PairingText(ServerAddress(it, null), null) } ?: NoPairing(PairingFault.ADDRESS)
        }

        /** What a picture's [text] means: a code, or the `https` address of a server. */
        fun judgeScanned(text: String): PairingMeaning {
            val meaning = judge(text)
            val isOther = meaning == NoPairing(PairingFault.ADDRESS) || (meaning is PairingText && "://" !in text)
            return if (isOther) NoPairing(PairingFault.OTHER) else meaning
        }

        private fun judgeCode(text: String): PairingMeaning {
            val fields = if (isPlainText(text)) readFields(text.removePrefix(CODE)) else null
            val server = fields?.get("server") ?: return NoPairing(PairingFault.FIELDS)
            val address = addressOf(server) ?: return NoPairing(PairingFault.SERVER)
            val pin = fields["pin"]?.lowercase()
            val invitation = fields["invitation"]
            return when {
                pin != null && (!PIN.matches(pin) || !address.startsWith("https://")) -> NoPairing(PairingFault.PIN)
                invitation != null && !INVITATION.matches(invitation) -> NoPairing(PairingFault.INVITATION)
                else -> PairingText(ServerAddress(address, pin), invitation)
            }
        }

        private fun isPlainText(text: String): Boolean = text.all { it in '!'..'~' }

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

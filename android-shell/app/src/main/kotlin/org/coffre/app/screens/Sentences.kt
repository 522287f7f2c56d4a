// Codes of the engine as sentences. Rule: every code has one; what is new in the engine is shown by its code rather than not at all.

package org.coffre.app.screens

import androidx.annotation.StringRes
import org.coffre.app.R

/** The sentence for a failed ask; a code of its own has a place for the code. */
@StringRes
fun failureSentence(code: String): Int =
    when (code) {
        "app-address" -> R.string.server_malformed
        "app-words-wrong" -> R.string.check_wrong
        "peer-unreachable" -> R.string.fail_unreachable
        "peer-tls" -> R.string.fail_tls
        "peer-pin", "peer-key-changed", "peer-not-trusted" -> R.string.fail_pin
        "peer-not-coffre" -> R.string.fail_not_coffre
        "peer-error", "peer-busy", "peer-refused" -> R.string.fail_busy
        "peer-full", "peer-quota-exceeded" -> R.string.fail_full
        "user-login-malformed" -> R.string.fail_login_malformed
        "user-login-taken" -> R.string.fail_login_taken
        "user-login-refused" -> R.string.fail_login_refused
        "user-invitation-required", "user-invitation-refused" -> R.string.fail_invitation
        "user-registration-closed" -> R.string.fail_closed
        "user-passphrase-too-short", "user-passphrase-missing" -> R.string.fail_passphrase_short
        "user-passphrase-too-few-different" -> R.string.fail_passphrase_few
        "user-passphrase-too-common" -> R.string.fail_passphrase_common
        "user-words-malformed" -> R.string.fail_words
        "user-root-exists", "user-root-overlaps" -> R.string.fail_root
        else -> R.string.fail_other
    }

/** Why files wait. */
@StringRes
fun reasonWords(reason: String): Int =
    when (reason) {
        "next-in-line" -> R.string.why_next
        "still-changing" -> R.string.why_changing
        "unreadable", "folder-unreadable" -> R.string.why_unreadable
        "io-error", "path-too-long", "out-of-range", "size-untrue" -> R.string.why_broken
        "root-unavailable", "disk-away" -> R.string.why_away
        "many-missing" -> R.string.why_missing
        "uploading" -> R.string.why_sending
        "awaiting-receipt" -> R.string.why_receipt
        "network-none" -> R.string.why_no_network
        "network-metered" -> R.string.why_metered
        "not-charging" -> R.string.why_charging
        "outside-hours" -> R.string.why_hours
        "server-unreachable" -> R.string.why_unreachable
        "server-error", "server-busy", "server-lost-records", "upload-refused" -> R.string.why_server
        "server-not-trusted" -> R.string.why_trust
        "server-full", "quota-exceeded", "blob-too-large-for-server" -> R.string.why_full
        "stopped-forked", "stopped-cloned", "device-revoked" -> R.string.why_stopped
        else -> R.string.why_other
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

// The engine's codes in words. Rule: they are the words of the `coffre` command (cli/src/words.ts), and a test compares them.

package org.coffre.host.command

/** Why a file waits. */
internal val WAITING_WORDS: Map<String, String> =
    mapOf(
        "next-in-line" to "next in line",
        "still-changing" to "still changing; it is read again when it has come to rest",
        "unreadable" to "this user may not read it",
        "io-error" to "the disk gave an error while it was read",
        "folder-unreadable" to "the folder cannot be listed",
        "root-unavailable" to
            "the folder is not available ('coffre roots' says why); nothing of it was recorded as gone",
        "path-too-long" to "its path is longer than this system or the format allows",
        "out-of-range" to "its size, its time or what it links to is beyond what the format holds",
        "size-untrue" to "it has more or fewer bytes than the system says",
        "disk-away" to "another disk, or none, is where a disk was; nothing of it was recorded as gone",
        "many-missing" to
            "most files of a folder are missing at once; after a day, or after 'coffre gone', they are recorded as gone",
        "uploading" to "on its way to the server",
        "awaiting-receipt" to "sent; the server's receipt is still to come",
        "network-none" to "waiting for a network",
        "network-metered" to "waiting for a network that is not metered",
        "not-charging" to "waiting for the charger",
        "outside-hours" to "waiting for the hours in which backups may run",
        "server-unreachable" to "the server cannot be reached",
        "server-error" to "what answers at the server's address reports errors",
        "server-busy" to "the server is busy",
        "server-not-trusted" to "the server's answers bear no signature of the key that was pinned",
        "server-full" to "the server's disk is full",
        "quota-exceeded" to "the account's space on the server is used up",
        "blob-too-large-for-server" to
            "the server, or a proxy before it, refuses even the smallest pieces: let it take bodies of 1 MiB",
        "upload-refused" to
            "the server refuses it or gets it altered; memory, or something on the way, may be bad, and it is " +
            "sent again ever more seldom",
        "server-lost-records" to "the server lost what it had of it; it is sent again",
        "stopped-forked" to "stopped: the server's log is not this machine's",
        "stopped-cloned" to "stopped: a copy of this machine writes to the same vault",
        "device-revoked" to "the account was disabled, this machine revoked, or the server does not know it",
    )

/** Why a command failed, and what can be done. */
internal val FAILURE_WORDS: Map<String, String> =
    mapOf(
        "user-not-paired" to
            "This machine belongs to no vault yet: run 'coffre init' for a new one or 'coffre join' for " +
            "one that is there.",
        "user-already-paired" to "This machine already belongs to a vault: give another --home for a second one.",
        "user-login-malformed" to "A login has 3 to 64 characters of a-z 0-9 . _ @ -",
        "user-passphrase-missing" to "No passphrase was given: type one at a terminal, or use --passphrase-file.",
        "user-passphrase-too-short" to "The passphrase is too short: take at least 10 characters.",
        "user-passphrase-too-few-different" to "The passphrase has too few different characters: take at least 5.",
        "user-passphrase-too-common" to
            "The passphrase is too easy to guess: several words that do not belong together are good.",
        "user-words-malformed" to "Those are not the 24 recovery words: check their number, spelling and order.",
        "user-login-refused" to
            "The server refuses to open the vault: the login, the passphrase or the words are wrong, or " +
            "whoever runs the server disabled the account.",
        "user-second-factor-required" to "The server asks for a second factor, which this command cannot give yet.",
        "user-login-taken" to
            "That login is taken on this server: choose another, or use 'coffre join' if the vault is yours.",
        "user-invitation-required" to "This server registers with an invitation only: add --invitation CODE.",
        "user-invitation-refused" to
            "The invitation is unknown or was used: ask whoever runs the server for a new one.",
        "user-registration-closed" to
            "This server takes no new vaults: ask whoever runs it to open it, or for an account.",
        "user-root-exists" to
            "A folder in another place is backed up under that name already: choose another with --name.",
        "user-root-unknown" to "No folder is backed up under that name: 'coffre roots' lists them.",
        "user-no-roots" to "No folder is backed up yet, so there is nothing to do: 'coffre add PATH' adds one.",
        "user-root-name-malformed" to
            "A name for a folder in the vault has 1 to 64 bytes, without slashes and control characters: " +
            "choose another with --name.",
        "user-root-overlaps" to
            "That folder lies in one that is backed up already, or holds one: 'coffre roots' lists them, " +
            "'coffre remove' takes one out.",
        "user-pattern-malformed" to "An --exclude pattern is too long or has more than one line.",
        "user-device-unknown" to "The vault has no device of that name: 'coffre devices' lists them.",
        "user-too-many-devices" to "The vault has as many devices as it can have (64): none can be added to it.",
        "user-path-unknown" to "The vault has nothing under that path at that time: 'coffre ls' lists what there is.",
        "user-vault-empty" to
            "The vault is empty at that time, or has nothing of that device: 'coffre devices' says what each " +
            "machine has backed up.",
        "user-stopped" to "Stopped. What was done so far is kept; the same command goes on there.",
        "peer-unreachable" to
            "The server cannot be reached: check the address and port, http or https, the network, and " +
            "that the server runs.",
        "peer-tls" to
            "No secure connection to the server could be made: its certificate is not one that this " +
            "machine trusts (then use --pin with the value that the server logs, or give it a certificate " +
            "of an authority), or that port does not speak https.",
        "peer-pin" to
            "The server's key is not the pinned one: someone may be in between. If whoever runs it " +
            "changed the key on purpose, give the new pin: 'coffre server set URL --pin PIN' on a paired " +
            "machine, --pin elsewhere.",
        "peer-not-coffre" to
            "What answers at that address is not a Coffre server: check the address, and the proxy before it.",
        "peer-refused" to
            "The server refuses what this version sends: update the older of the two; if both are new, " +
            "its log says which request it refused.",
        "peer-error" to
            "What answers at that address reports errors: check that it is the Coffre server; if it is, " +
            "its log says more. Then run the command again.",
        "peer-busy" to "The server is busy: run the command again later.",
        "peer-full" to "The server's disk is full: whoever runs it must make room.",
        "peer-quota-exceeded" to "The account's space on the server is used up: ask whoever runs it for more.",
        "peer-key-changed" to
            "The server signs with another key than the one that this machine knows: nothing was taken as " +
            "synced. Ask whoever runs it whether its keys were lost or it is another server; if so, pair " +
            "this machine anew with 'coffre join' and another --home.",
        "peer-vault-not-authentic" to
            "The server gave a vault that these keys did not make: it is broken or hostile. Ask whoever " +
            "runs it; a copy of its data from before may be whole.",
        "peer-roster-not-authentic" to
            "The server gave a list of devices that the vault did not sign: it is broken or hostile. Ask " +
            "whoever runs it; a copy of its data from before may be whole.",
        "peer-roster-contradicts" to
            "The vault's list of devices takes back what this machine has seen before, as was listed: the " +
            "server went back in time, or somebody who knows the passphrase signed it. If that is how it " +
            "should be, add --accept-older.",
        "peer-went-back" to
            "The server shows an older state of the vault than this machine has seen, and takes nothing " +
            "that follows the newer one: it was restored from an old backup, or hides something. " +
            "--accept-older goes on from what it shows.",
        "peer-not-trusted" to
            "The server's answer about this machine's records does not bear the signature of the key that " +
            "was pinned: its keys were replaced, or something stands in between. Nothing was taken as " +
            "synced.",
        "peer-forked" to
            "The server has other records under this machine's numbers: it was restored from a backup, or " +
            "two copies of this machine wrote. Pair this machine anew with 'coffre join' and another " +
            "--home.",
        "peer-cloned" to
            "A copy of this machine's state writes to the same vault. Keep one of the two, and pair the " +
            "other anew with 'coffre join' and another --home.",
        "peer-device-revoked" to
            "The server refuses this machine: its account was disabled, the machine was revoked, or the " +
            "server does not know the vault. Ask whoever runs the server first; only a machine that was " +
            "revoked needs 'coffre join' with another --home.",
        "peer-damaged" to
            "Something of what the server gave is damaged or missing: see what was listed. Devices send " +
            "again what they still have at their next 'coffre backup'; whoever runs the server can look " +
            "with 'coffre-server scrub'.",
        "peer-altered" to
            "What this machine sends arrives altered: its memory, or something on the way to the server, is " +
            "bad. Test the memory, and go around proxies.",
        "peer-lost-data" to
            "The server lost what it had taken a moment ago, again and again: whoever runs it must look at its " +
            "disk and its log.",
        "host-no-space" to "This machine's disk is full: make room, and run the same command again to go on.",
        "host-target" to
            "Some files could not be put where they belong, because of what is there or of the file " +
            "system: see what was listed. Everything else is there; choose another --to, or make room for " +
            "them, and run the command again.",
        "host-error" to
            "Something on this machine failed. Run the command again; if it fails in the same way, look " +
            "at the disk, its space and the permissions of the folders concerned, and report it.",
        "host-database-newer" to "This home was written by a newer Coffre: update this one.",
    )

/** What is wrong with what a server gave, or with a place to restore to. */
internal val DAMAGE_WORDS: Map<String, String> =
    mapOf(
        "record-missing" to "a record of the log is missing",
        "record-damaged" to
            "the server lost this record, and says so; its device records anew what stood there alone, " +
            "with its next backup",
        "record-altered" to "a record was altered",
        "record-swapped" to "a record stands in another's place",
        "record-replayed" to "an old record was given again under another number",
        "record-withheld" to
            "records that are known to exist do not come: the server went back to an older state, or withholds them",
        "record-not-authentic" to "a record cannot be opened with the vault's keys",
        "record-malformed" to "a record does not follow the format",
        "record-after-revocation" to "a record was written after its device was revoked",
        "receipt-not-authentic" to "a receipt is not the server's",
        "envelope-missing" to "an epoch's envelope is missing",
        "envelope-not-authentic" to "an epoch's envelope is not authentic",
        "device-not-certified" to "a device is not certified by the vault",
        "blob-missing" to "the server lacks a blob",
        "blob-altered" to "a blob was altered",
        "blob-truncated" to "a blob was truncated",
        "blob-unreachable" to "the server did not give a blob",
        "chunk-not-authentic" to "what was given for a piece of it is something else; maybe a stolen device wrote it",
        "list-not-authentic" to
            "what was given for its list of chunks is something else; maybe a stolen device wrote it",
        "list-malformed" to "the list of the file's chunks does not follow the format",
        "target-exists" to "there is already something else in its place (--existing rename or replace)",
        "target-conflict" to "a link or another kind of thing stands in its way",
        "target-refused" to "the file system refuses it",
        "target-no-space" to "the disk is full",
    )

/** What the owner should read, once. */
internal val NOTICE_WORDS: Map<String, String> =
    mapOf(
        "disk-away" to "Another disk, or none, is where a disk was; nothing of it was recorded as gone",
        "entries-wait-again" to "Files that wait again because of that",
        "receipt-not-authentic" to "The server gave a receipt that is not its own; nothing was taken as synced",
        "many-gone" to
            "Files that went at once are recorded as gone; every version that was synced stays restorable",
        "many-missing" to
            "Files that are missing at once; after a day, or after 'coffre gone', they are recorded as gone",
        "records-adopted" to "This machine's state was older than the server's log; records taken over",
        "root-unavailable" to "A folder is not available ('coffre roots' says why); nothing of it was recorded as gone",
        "root-unavailable/io" to "A folder cannot be read from the disk; nothing of it was recorded as gone",
        "root-unavailable/not-a-folder" to
            "What was a folder is none any more; nothing of it was recorded as gone",
        "root-unavailable/permission" to
            "A folder may not be read by this user; nothing of it was recorded as gone",
        "root-unavailable/replaced" to
            "Another folder, or another disk, is in its place; nothing was recorded as gone " +
            "('coffre gone' says so if it is)",
        "root-unwatched" to
            "The system gives no more watches: not every change is noticed at once, " +
            "the look every 15 minutes finds the rest",
        "server-asks-to-wait" to "The server asks to wait until",
        "server-damaged-blobs" to "The server reports damaged blobs; they are sent again",
        "server-damaged-records" to
            "The server lost records of its log; what stood there alone is recorded anew, records",
        "server-lost-envelopes" to "The server lacked keys' envelopes; they are sent again",
        "server-given-back" to "The server had lost newer versions of the vault's own data; it was given them again",
        "server-went-back" to
            "The server shows older versions of the vault's own data than this machine has seen, and does " +
            "not take the newer ones: it was restored from an old backup, or hides something. What is " +
            "known here was used (--accept-older takes the server's)",
        "roster-lacks-device" to "The list of devices that the server shows lacks this device",
        "roster-lacks-revocation" to "This device was revoked, and the list that the server shows does not say so",
        "roster-loosens-revocation" to
            "This device was revoked, and the list that the server shows lets more of its records in",
        "server-lost-records" to
            "The server lost records, it may have been restored from an old backup; they are sent again",
        "smaller-blobs" to
            "The server, or a proxy before it, refuses large bodies (nginx: client_max_body_size 9m), so " +
            "smaller pieces are sent, which is slower; pieces that were cut anew",
    )

/** The sentence of a failure's code; codes of a newer engine are shown as they are. */
internal fun failureWords(code: String): String = FAILURE_WORDS[code] ?: "It failed: $code."

internal fun damageWords(code: String): String = DAMAGE_WORDS[code] ?: code

internal fun noticeWords(
    code: String,
    count: Long?,
    reason: String? = null,
    untilMs: Long? = null,
): String {
    val words = NOTICE_WORDS["$code/$reason"] ?: NOTICE_WORDS[code] ?: code
    if (untilMs != null) return "$words ${showTime(untilMs)}."
    return if (count == null) "$words." else "$words: $count."
}

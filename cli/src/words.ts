// The engine's codes in words. Rule: one sentence for each code that says what is so and what can be done; the types make a
// code without a sentence a compile error.

import type { DamageCode, FailureCode, WaitingReason } from "coffre-engine";
import { showTime } from "./printable.ts";

export const WAITING_WORDS: Record<WaitingReason, string> = {
  "next-in-line": "next in line",
  "still-changing": "still changing; it is read again when it has come to rest",
  unreadable: "this user may not read it",
  "io-error": "the disk gave an error while it was read",
  "folder-unreadable": "the folder cannot be listed",
  "root-unavailable": "the folder is not available ('coffre roots' says why); nothing of it was recorded as gone",
  "path-too-long": "its path is longer than this system or the format allows",
  "out-of-range": "its size, its time or what it links to is beyond what the format holds",
  "size-untrue": "it has more or fewer bytes than the system says",
  "disk-away": "another disk, or none, is where a disk was; nothing of it was recorded as gone",
  "many-missing":
    "most files of a folder are missing at once; after a day, or after 'coffre gone', they are recorded as gone",
  uploading: "on its way to the server",
  "awaiting-receipt": "sent; the server's receipt is still to come",
  "network-none": "waiting for a network",
  "network-metered": "waiting for a network that is not metered",
  "not-charging": "waiting for the charger",
  "outside-hours": "waiting for the hours in which backups may run",
  "server-unreachable": "the server cannot be reached",
  "server-error": "what answers at the server's address reports errors",
  "server-busy": "the server is busy",
  "server-not-trusted": "the server's answers bear no signature of the key that was pinned",
  "server-full": "the server's disk is full",
  "quota-exceeded": "the account's space on the server is used up",
  "blob-too-large-for-server":
    "the server, or a proxy before it, refuses even the smallest pieces: let it take bodies of 1 MiB",
  "upload-refused":
    "the server refuses it or gets it altered; memory, or something on the way, may be bad, and it is sent again ever more seldom",
  "server-lost-records": "the server lost what it had of it; it is sent again",
  "stopped-forked": "stopped: the server's log is not this machine's",
  "stopped-cloned": "stopped: a copy of this machine writes to the same vault",
  "device-revoked": "the account was disabled, this machine revoked, or the server does not know it",
};

export const FAILURE_WORDS: Record<FailureCode, string> = {
  "user-not-paired":
    "This machine belongs to no vault yet: run 'coffre init' for a new one or 'coffre join' for one that is there.",
  "user-already-paired": "This machine already belongs to a vault: give another --home for a second one.",
  "user-login-malformed": "A login has 3 to 64 characters of a-z 0-9 . _ @ -",
  "user-passphrase-missing": "No passphrase was given: type one at a terminal, or use --passphrase-file.",
  "user-passphrase-too-short": "The passphrase is too short: take at least 10 characters.",
  "user-passphrase-too-few-different": "The passphrase has too few different characters: take at least 5.",
  "user-passphrase-too-common":
    "The passphrase is too easy to guess: several words that do not belong together are good.",
  "user-words-malformed": "Those are not the 24 recovery words: check their number, spelling and order.",
  "user-login-refused":
    "The server refuses to open the vault: the login, the passphrase or the words are wrong, or whoever runs the server disabled the account.",
  "user-second-factor-required": "The server asks for a second factor, which this command cannot give yet.",
  "user-login-taken": "That login is taken on this server: choose another, or use 'coffre join' if the vault is yours.",
  "user-invitation-required": "This server registers with an invitation only: add --invitation CODE.",
  "user-invitation-refused": "The invitation is unknown or was used: ask whoever runs the server for a new one.",
  "user-registration-closed": "This server takes no new vaults: ask whoever runs it to open it, or for an account.",
  "user-root-exists": "A folder in another place is backed up under that name already: choose another with --name.",
  "user-root-unknown": "No folder is backed up under that name: 'coffre roots' lists them.",
  "user-no-roots": "No folder is backed up yet, so there is nothing to do: 'coffre add PATH' adds one.",
  "user-root-name-malformed":
    "A name for a folder in the vault has 1 to 64 bytes, without slashes and control characters: choose another with --name.",
  "user-root-overlaps":
    "That folder lies in one that is backed up already, or holds one: 'coffre roots' lists them, 'coffre remove' takes one out.",
  "user-pattern-malformed": "An --exclude pattern is too long or has more than one line.",
  "user-device-unknown": "The vault has no device of that name: 'coffre devices' lists them.",
  "user-too-many-devices": "The vault has as many devices as it can have (64): none can be added to it.",
  "user-path-unknown": "The vault has nothing under that path at that time: 'coffre ls' lists what there is.",
  "user-vault-empty":
    "The vault is empty at that time, or has nothing of that device: 'coffre devices' says what each machine has backed up.",
  "user-stopped": "Stopped. What was done so far is kept; the same command goes on there.",
  "peer-unreachable":
    "The server cannot be reached: check the address and port, http or https, the network, and that the server runs.",
  "peer-tls":
    "No secure connection to the server could be made: its certificate is not one that this machine trusts (then use --pin with the value that the server logs, or give it a certificate of an authority), or that port does not speak https.",
  "peer-pin":
    "The server's key is not the pinned one: someone may be in between. If whoever runs it changed the key on purpose, give the new pin: 'coffre server set URL --pin PIN' on a paired machine, --pin elsewhere.",
  "peer-not-coffre": "What answers at that address is not a Coffre server: check the address, and the proxy before it.",
  "peer-refused":
    "The server refuses what this version sends: update the older of the two; if both are new, its log says which request it refused.",
  "peer-error":
    "What answers at that address reports errors: check that it is the Coffre server; if it is, its log says more. Then run the command again.",
  "peer-busy": "The server is busy: run the command again later.",
  "peer-full": "The server's disk is full: whoever runs it must make room.",
  "peer-quota-exceeded": "The account's space on the server is used up: ask whoever runs it for more.",
  "peer-key-changed":
    "The server signs with another key than the one that this machine knows: nothing was taken as synced. Ask whoever runs it whether its keys were lost or it is another server; if so, pair this machine anew with 'coffre join' and another --home.",
  "peer-vault-not-authentic":
    "The server gave a vault that these keys did not make: it is broken or hostile. Ask whoever runs it; a copy of its data from before may be whole.",
  "peer-roster-not-authentic":
    "The server gave a list of devices that the vault did not sign: it is broken or hostile. Ask whoever runs it; a copy of its data from before may be whole.",
  "peer-roster-contradicts":
    "The vault's list of devices takes back what this machine has seen before, as was listed: the server went back in time, or somebody who knows the passphrase signed it. If that is how it should be, add --accept-older.",
  "peer-went-back":
    "The server shows an older state of the vault than this machine has seen, and takes nothing that follows the newer one: it was restored from an old backup, or hides something. --accept-older goes on from what it shows.",
  "peer-not-trusted":
    "The server's answer about this machine's records does not bear the signature of the key that was pinned: its keys were replaced, or something stands in between. Nothing was taken as synced.",
  "peer-forked":
    "The server has other records under this machine's numbers: it was restored from a backup, or two copies of this machine wrote. Pair this machine anew with 'coffre join' and another --home.",
  "peer-cloned":
    "A copy of this machine's state writes to the same vault. Keep one of the two, and pair the other anew with 'coffre join' and another --home.",
  "peer-device-revoked":
    "The server refuses this machine: its account was disabled, the machine was revoked, or the server does not know the vault. Ask whoever runs the server first; only a machine that was revoked needs 'coffre join' with another --home.",
  "peer-damaged":
    "Something of what the server gave is damaged or missing: see what was listed. Devices send again what they still have at their next 'coffre backup'; whoever runs the server can look with 'coffre-server scrub'.",
  "peer-altered":
    "What this machine sends arrives altered: its memory, or something on the way to the server, is bad. Test the memory, and go around proxies.",
  "peer-lost-data":
    "The server lost what it had taken a moment ago, again and again: whoever runs it must look at its disk and its log.",
  "host-no-space": "This machine's disk is full: make room, and run the same command again to go on.",
  "host-target":
    "Some files could not be put where they belong, because of what is there or of the file system: see what was listed. Everything else is there; choose another --to, or make room for them, and run the command again.",
  "host-error":
    "Something on this machine failed. Run the command again; if it fails in the same way, look at the disk, its space and the permissions of the folders concerned, and report it.",
  "host-database-newer": "This home was written by a newer Coffre: update this one.",
};

export const DAMAGE_WORDS: Record<DamageCode, string> = {
  "record-missing": "a record of the log is missing",
  "record-damaged":
    "the server lost this record, and says so; its device records anew what stood there alone, with its next backup",
  "record-altered": "a record was altered",
  "record-swapped": "a record stands in another's place",
  "record-replayed": "an old record was given again under another number",
  "record-withheld":
    "records that are known to exist do not come: the server went back to an older state, or withholds them",
  "record-not-authentic": "a record cannot be opened with the vault's keys",
  "record-malformed": "a record does not follow the format",
  "record-after-revocation": "a record was written after its device was revoked",
  "receipt-not-authentic": "a receipt is not the server's",
  "envelope-missing": "an epoch's envelope is missing",
  "envelope-not-authentic": "an epoch's envelope is not authentic",
  "device-not-certified": "a device is not certified by the vault",
  "blob-missing": "the server lacks a blob",
  "blob-altered": "a blob was altered",
  "blob-truncated": "a blob was truncated",
  "blob-unreachable": "the server did not give a blob",
  "chunk-not-authentic": "what was given for a piece of it is something else; maybe a stolen device wrote it",
  "list-not-authentic": "what was given for its list of chunks is something else; maybe a stolen device wrote it",
  "list-malformed": "the list of the file's chunks does not follow the format",
  "target-exists": "there is already something else in its place (--existing rename or replace)",
  "target-conflict": "a link or another kind of thing stands in its way",
  "target-refused": "the file system refuses it",
  "target-no-space": "the disk is full",
};

const NOTICE_WORDS: Readonly<Record<string, string>> = {
  "entries-wait-again": "Files that wait again because of that",
  "receipt-not-authentic": "The server gave a receipt that is not its own; nothing was taken as synced",
  "disk-away": "Another disk, or none, is where a disk was; nothing of it was recorded as gone",
  "many-gone": "Files that went at once are recorded as gone; every version that was synced stays restorable",
  "many-missing": "Files that are missing at once; after a day, or after 'coffre gone', they are recorded as gone",
  "records-adopted": "This machine's state was older than the server's log; records taken over",
  "root-unavailable": "A folder is not available ('coffre roots' says why); nothing of it was recorded as gone",
  "root-unavailable/io": "A folder cannot be read from the disk; nothing of it was recorded as gone",
  "root-unavailable/not-a-folder": "What was a folder is none any more; nothing of it was recorded as gone",
  "root-unavailable/permission": "A folder may not be read by this user; nothing of it was recorded as gone",
  "root-unavailable/replaced":
    "Another folder, or another disk, is in its place; nothing was recorded as gone ('coffre gone' says so if it is)",
  "root-unwatched":
    "The system gives no more watches: not every change is noticed at once, the look every 15 minutes finds the rest",
  "server-asks-to-wait": "The server asks to wait until",
  "server-damaged-blobs": "The server reports damaged blobs; they are sent again",
  "server-damaged-records": "The server lost records of its log; what stood there alone is recorded anew, records",
  "server-lost-envelopes": "The server lacked keys' envelopes; they are sent again",
  "server-given-back": "The server had lost newer versions of the vault's own data; it was given them again",
  "server-went-back":
    "The server shows older versions of the vault's own data than this machine has seen, and does not take the newer ones: it was restored from an old backup, or hides something. What is known here was used (--accept-older takes the server's)",
  "roster-lacks-device": "The list of devices that the server shows lacks this device",
  "roster-lacks-revocation": "This device was revoked, and the list that the server shows does not say so",
  "roster-loosens-revocation":
    "This device was revoked, and the list that the server shows lets more of its records in",
  "server-lost-records": "The server lost records, it may have been restored from an old backup; they are sent again",
  "smaller-blobs":
    "The server, or a proxy before it, refuses large bodies (nginx: client_max_body_size 9m), so smaller pieces are sent, which is slower; pieces that were cut anew",
};

/** The sentence of a failure's code; codes of a newer engine are shown as they are. */
export function failureWords(code: string): string {
  return (FAILURE_WORDS as Readonly<Record<string, string>>)[code] ?? `It failed: ${code}.`;
}

export function damageWords(code: string): string {
  return (DAMAGE_WORDS as Readonly<Record<string, string>>)[code] ?? code;
}

export function noticeWords(
  code: string,
  count: number | undefined,
  reason: string | undefined,
  untilMs?: number,
): string {
  const words = NOTICE_WORDS[`${code}/${reason}`] ?? NOTICE_WORDS[code] ?? code;
  if (untilMs !== undefined) return `${words} ${showTime(untilMs)}.`;
  return count === undefined ? `${words}.` : `${words}: ${count}.`;
}

/**
 * What the engine shows: the types of docs/host-api.md §5. Hosts turn them into words, bars and JSON lines.
 * The file's one rule: codes and counts only; sentences belong to the host and its language.
 */

import type { WaitingReason } from "./reasons.ts";
import type { Result } from "./results.ts";
import type { RootFailure } from "./sights.ts";

/** What waits for one reason. */
export interface WaitingCount {
  /** Why (§6). */
  readonly reason: WaitingReason;
  /** How many. @unit files */
  readonly files: number;
  /** Their size. @unit bytes */
  readonly bytes: number;
}

/** What one rule excludes. */
export interface ExcludedCount {
  /** The pattern as its owner wrote it, or a rule of §6. @unit text */
  readonly rule: string;
  /** How many. @unit files */
  readonly files: number;
}

/** How much is where. */
export interface StatusCounts {
  /** Files that are synced. @unit files */
  readonly filesSynced: number;
  /** Their size. @unit bytes */
  readonly bytesSynced: number;
  /** Files that wait. @unit files */
  readonly filesWaiting: number;
  /** Their size. @unit bytes */
  readonly bytesWaiting: number;
  /** Files that a rule excludes. @unit files */
  readonly filesExcluded: number;
  /** By reason. */
  readonly waiting: readonly WaitingCount[];
  /** By rule. */
  readonly excluded: readonly ExcludedCount[];
}

/** A root, and what is wrong with it. */
export interface RootView {
  /** Its name. @unit text */
  readonly name: string;
  /** Where it is. @unit locator */
  readonly locator: string;
  /** What is left out of it. @unit gitignore patterns */
  readonly excludes: readonly string[];
  /** null: available; else why not. */
  readonly unavailable: RootFailure | "replaced" | null;
  /** Changes below it may go unseen until the next sweep. */
  readonly unwatched: boolean;
}

/** A file that needs something that the server does not have any more. */
export interface DamagedFile {
  /** The root's name. @unit text */
  readonly root: string;
  /** The place below the root. @unit path */
  readonly path: string;
}

/** What was last found out about what the server holds. */
export interface VerifiedView {
  /** `audit`: asked for digests. `drill`: fetched and compared. */
  readonly kind: "audit" | "drill";
  /** When. @unit ms since 1970 */
  readonly atMs: number;
  /** How much was checked. @unit blobs, files of a drill */
  readonly blobs: number;
  /** Of how much. @unit blobs, files of a drill */
  readonly of: number;
  /** How much of it was bad. @unit blobs, files of a drill */
  readonly bad: number;
}

/** The last receipt. */
export interface ReceiptView {
  /** The number of its record. @unit number of a record, from 1 */
  readonly number: number;
  /** The server's time in it. @unit ms since 1970 */
  readonly timeMs: number;
}

/** A file that waits. */
export interface WaitingFileView {
  /** The root's name. @unit text */
  readonly root: string;
  /** The file, below the root. @unit path */
  readonly path: string;
  /** Why it waits (§6). */
  readonly reason: WaitingReason;
}

/** One version of one place of a vault. */
export interface ListingEntry {
  /** Whose it is. @unit device id */
  readonly device: string;
  /** The root's name. @unit text */
  readonly root: string;
  /** The place below the root. @unit path */
  readonly path: string;
  /** What it is. */
  readonly kind: "file" | "folder" | "link";
  /** Its size. @unit bytes */
  readonly sizeBytes: number;
  /** Its time of change. @unit s since 1970, may be negative */
  readonly mtimeS: number;
  /** The microseconds of that time. @unit µs, 0 to 999,999 */
  readonly mtimeUs: number;
  /** Time of the receipt that made this version restorable. @unit ms since 1970 */
  readonly syncedAtMs: number;
  /** Time of the receipt that another version, or its absence, came with; null for what is current. @unit ms since 1970 */
  readonly untilMs: number | null;
  /** True for what its device recorded after it was shut out; else absent. */
  readonly afterRevocation?: true;
}

/** A file or structure that could not be restored or verified, and what is wrong with it. */
export interface DamageView {
  /** What is wrong (§6). @unit code */
  readonly code: string;
  /** Whose log or file it is. @unit device id */
  readonly device?: string;
  /** Which record. @unit number of a record, from 1 */
  readonly record?: number;
  /** The root's name. @unit text */
  readonly root?: string;
  /** The place below the root. @unit path */
  readonly path?: string;
}

/** A device as a roster has it. */
export interface DeviceView {
  /** The device's id. @unit device id */
  readonly device: string;
  /** Told apart: a name that several devices share has the beginning of the id behind it. @unit text */
  readonly name: string;
  /** When it was certified. @unit ms since 1970 */
  readonly createdAtMs: number;
  /** The last of its records that count; null unless it was revoked. @unit number of a record */
  readonly revokedAfter: number | null;
}

export type View =
  | {
      readonly kind: "progress";
      readonly phase:
        | "pairing"
        | "scanning"
        | "hashing"
        | "uploading"
        | "recording"
        | "reading-index"
        | "restoring"
        | "exporting"
        | "idle";
      readonly filesDone: number;
      readonly filesTotal: number;
      readonly bytesDone: number;
      readonly bytesTotal: number;
      readonly waiting?: WaitingReason;
    }
  | { readonly kind: "words"; readonly words: string }
  | {
      readonly kind: "notice";
      readonly code: string;
      readonly root?: string;
      readonly path?: string;
      readonly device?: string;
      readonly count?: number;
      /** Why, where a code has several causes. */
      readonly reason?: string;
      /** A time in milliseconds since 1970: until when the server asks to wait. */
      readonly untilMs?: number;
    }
  /** What is now known of a vault, for the home to `learn`; hosts read nothing in it. */
  | { readonly kind: "evidence"; readonly known: string }
  | { readonly kind: "devices"; readonly devices: readonly DeviceView[] }
  | { readonly kind: "listing"; readonly entries: readonly ListingEntry[] }
  | { readonly kind: "damage"; readonly damage: readonly DamageView[] }
  | {
      readonly kind: "status";
      readonly paired: boolean;
      /** This machine in the vault's list, null before it is paired. */
      readonly device: string | null;
      readonly counts: StatusCounts;
      readonly roots: readonly RootView[];
      readonly lastReceipt: ReceiptView | null;
      /** The last audit and the last drill; null when there was none. */
      readonly verified: VerifiedView | null;
      readonly drilled: VerifiedView | null;
      /** When all was last synced; null when it never was. A time in milliseconds since 1970. */
      readonly lastSyncedAtMs: number | null;
      readonly state: "ok" | "forked" | "cloned" | "revoked";
      readonly next: { readonly what: "sweep" | "retry" | "nothing"; readonly atMs: number | null };
      readonly files: readonly WaitingFileView[];
    }
  | Result;

/** A device of a vault, and how far it is. */
export interface DeviceProgress extends DeviceView {
  /** The number of its last record, 0 when there is none. @unit number of a record */
  readonly records: number;
  /** The time of that record's receipt; null when there is none that the server's key signed. @unit ms since 1970 */
  readonly lastRecordAtMs: number | null;
  /** When the server last gave it a token; null when the server does not say. @unit ms since 1970 */
  readonly lastSeenAtMs: number | null;
  /** What it stored at the server and is there now; null when the server does not say. @unit bytes */
  readonly storedBytes: number | null;
}

/** What a revocation since a time would shut out. */
export interface ShutOutView {
  /** The time. @unit ms since 1970 */
  readonly sinceMs: number;
  /** The last record that would go on counting, 0 for none. @unit number of a record */
  readonly lastNumber: number;
  /** Records that would not. @unit records */
  readonly records: number;
  /** Versions of files in them. @unit files */
  readonly files: number;
  /** Their size. @unit bytes */
  readonly bytes: number;
}

/**
 * What the engine shows: the types of docs/host-api.md §5. Hosts turn them into words, bars and JSON lines.
 * The file's one rule: codes and counts only; sentences belong to the host and its language.
 */

import type { BackupMode } from "./asks.ts";
import type { WaitingReason } from "./reasons.ts";
import type { RootFailure } from "./sights.ts";

export interface StatusCounts {
  readonly filesSynced: number;
  readonly bytesSynced: number;
  readonly filesWaiting: number;
  readonly bytesWaiting: number;
  readonly filesExcluded: number;
  readonly waiting: readonly { readonly reason: WaitingReason; readonly files: number; readonly bytes: number }[];
  readonly excluded: readonly { readonly rule: string; readonly files: number }[];
}

export interface RootView {
  readonly name: string;
  readonly locator: string;
  readonly excludes: readonly string[];
  /** null: available; else why not. */
  readonly unavailable: RootFailure | "replaced" | null;
  /** Changes below it may go unseen until the next sweep. */
  readonly unwatched: boolean;
}

export interface ReceiptView {
  readonly number: number;
  readonly timeMs: number;
}

export interface WaitingFileView {
  readonly root: string;
  readonly path: string;
  readonly reason: WaitingReason;
}

export interface ListingEntry {
  readonly device: string;
  readonly root: string;
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  readonly sizeBytes: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  /** Time of the receipt that made this version restorable. */
  readonly syncedAtMs: number;
  /** Time of the receipt that another version, or its absence, came with; null for what is current. */
  readonly untilMs: number | null;
}

/** A file or structure that could not be restored or verified, and what is wrong with it. */
export interface DamageView {
  readonly code: string;
  readonly device?: string;
  readonly record?: number;
  readonly root?: string;
  readonly path?: string;
}

/** A device as a roster has it. */
export interface DeviceView {
  /** The device's id. */
  readonly device: string;
  /** Told apart: a name that several devices share has the beginning of the id behind it. */
  readonly name: string;
  readonly createdAtMs: number;
  /** The last of its records that count; null unless it was revoked. */
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
      readonly counts: StatusCounts;
      readonly roots: readonly RootView[];
      readonly lastReceipt: ReceiptView | null;
      readonly state: "ok" | "forked" | "cloned" | "revoked";
      readonly next: { readonly what: "sweep" | "retry" | "nothing"; readonly atMs: number | null };
      readonly files: readonly WaitingFileView[];
    }
  | Result;

/** A device of a vault, and how far it is. */
export interface DeviceProgress extends DeviceView {
  /** The number of its last record, 0 when there is none. */
  readonly records: number;
  /** The time of that record's receipt; null when there is none that the server's key signed. */
  readonly lastRecordAtMs: number | null;
}

/** How an ask ended. `code` is null when the outcome is `ok`. */
export type Result =
  | {
      readonly kind: "result";
      readonly ask: "backup";
      /** That of the ask that this is the end of. */
      readonly mode: BackupMode;
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      readonly counts: StatusCounts;
      /** A sample of what waits, at most 100. */
      readonly files: readonly WaitingFileView[];
      readonly bytesRead: number;
      readonly bytesSent: number;
      readonly blobsSent: number;
      readonly requests: number;
    }
  | {
      readonly kind: "result";
      readonly ask: "restore";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      readonly filesRestored: number;
      readonly bytesRestored: number;
      readonly filesFailed: number;
      readonly filesSkipped: number;
      readonly requests: number;
    }
  | {
      readonly kind: "result";
      readonly ask: "evidence";
      readonly outcome: "ok";
      readonly code: null;
      readonly known: readonly string[];
    }
  | {
      readonly kind: "result";
      readonly ask: "join";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      /** What this machine is called in the vault, once it is paired: with a number where the name was taken. */
      readonly deviceName?: string;
    }
  | {
      readonly kind: "result";
      readonly ask: "devices";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      readonly devices: readonly DeviceProgress[];
    }
  | {
      readonly kind: "result";
      readonly ask:
        | "create"
        | "set-server"
        | "add-root"
        | "remove-root"
        | "believe-gone"
        | "set"
        | "rotate"
        | "learn"
        | "open-vault"
        | "list"
        | "stop";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
    }
  | {
      readonly kind: "result";
      readonly ask: "roots";
      readonly outcome: "ok";
      readonly code: null;
      readonly roots: readonly RootView[];
    };

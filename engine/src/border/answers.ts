/**
 * What a host answers: docs/host-api.md §3, whose tables are made from these types. `read-answer.ts` reads each kind.
 * Rule: as in `effects.ts`; an answer has passed its reader before any other file sees it.
 */

import type { HashedFile, RootFailure, ScannedFolder, Stat } from "./sights.ts";

/** The effect was cancelled before it had another answer. */
export interface Stopped {
  readonly kind: "cancelled";
}

/** The host could not do it. */
export interface Failed {
  readonly kind: "failed";
  /** Why (H-12). */
  readonly reason: "host-answer-too-large" | "host-unsupported" | "host-error";
}

/** Why no response came (H-13). */
export type NoAnswerReason = "unreachable" | "timeout" | "reset" | "tls" | "pin" | "too-large" | "protocol";

/** No response came. */
export interface NoAnswer {
  readonly kind: "no-answer";
  /** Why (H-13). */
  readonly reason: NoAnswerReason;
}

/** The headers of a response that the engine reads; one that the server did not send is absent. */
export interface ResponseHeaders {
  /** The media type. @unit text */
  readonly "content-type"?: string;
  /** How long to wait. @unit text, as RFC 9110 has it */
  readonly "retry-after"?: string;
  /** The version of what was sent. @unit text */
  readonly etag?: string;
}

/** A response of a server. */
export interface Response {
  readonly kind: "response";
  /** The status. @unit HTTP status, 100 or more */
  readonly status: number;
  /** Some of its headers. */
  readonly headers: ResponseHeaders;
  /** The body; null when it is not UTF-8, or was not asked for. @unit text */
  readonly body: string | null;
  /** How long the exchange took. @unit ms */
  readonly elapsedMs: number;
}

/** How an exchange with a server ends (H-13). */
export type Exchanged = Response | NoAnswer;

/** What was listed. */
export interface Scanned {
  readonly kind: "scanned";
  /** The root folder's own; changes when another folder takes its place. @unit text */
  readonly identity: string;
  /** The root folder's own. */
  readonly stat: Stat;
  /** The folders that were begun, in the order of the effect. */
  readonly folders: readonly ScannedFolder[];
}

/** The root cannot be listed. */
export interface RootUnavailable {
  readonly kind: "root-unavailable";
  /** Why; `own-folder`: it is Coffre's own, or lies inside a folder that is (H-36). */
  readonly reason: RootFailure;
}

/** What was read. */
export interface Hashed {
  readonly kind: "hashed";
  /** One for each file of the effect, in its order. */
  readonly files: readonly HashedFile[];
}

/** A response to an upload. */
export interface Uploaded extends Response {
  /** The SHA-256 of the body that was sent. @unit hex SHA-256 */
  readonly sha256: string;
  /** The size of that body. @unit bytes */
  readonly sizeBytes: number;
  /** SHA-256(nonce ‖ piece) for each of `audits`, in its order (H-39); absent where none were asked. @unit base64, 32 bytes each */
  readonly answers?: readonly string[];
}

/** A part that could not be built. */
export interface FailedPart {
  /** Which part of the effect. @unit index */
  readonly part: number;
  /** Why; `unreadable`: also what is no file. */
  readonly reason: "changed" | "vanished" | "unreadable";
}

/** Nothing was sent, because parts could not be built. */
export interface PartFailed {
  readonly kind: "part-failed";
  /** All of them. */
  readonly parts: readonly FailedPart[];
}

/** The part is authentic, and was written or is here. */
export interface PartOpened {
  readonly kind: "ok";
  /** The opened bytes of a part whose `to` is `answer`. @unit base64 */
  readonly bytes?: string;
}

/** The part does not open under its key and context. */
export interface PartNotAuthentic {
  readonly kind: "not-authentic";
}

/** The part opens, and is not the content that its context names (H-32). */
export interface PartOtherContent {
  readonly kind: "other-content";
}

/** The part lies beyond a body that came whole. */
export interface PartOutside {
  readonly kind: "outside";
}

/** The part is authentic and could not be written. */
export interface PartNotWritten {
  readonly kind: "not-written";
  /** Why. */
  readonly reason: "no-space" | "permission" | "io";
}

export type DownloadedPart = PartOpened | PartNotAuthentic | PartOtherContent | PartOutside | PartNotWritten;

/** A response to a download. */
export interface Downloaded extends Response {
  /** The size of the body that came. @unit bytes */
  readonly sizeBytes: number;
  /** Whether the body has the SHA-256 of the effect; null with a range, or when none was named. */
  readonly sha256Ok: boolean | null;
  /** One for each part of the effect; none with a status other than 200 and 206. */
  readonly parts: readonly DownloadedPart[];
}

/** The sealed bytes. */
export interface Sealed {
  readonly kind: "sealed";
  /** As F-20 has them. @unit base64 */
  readonly bytes: string;
}

/** A slot that the effect names is not there. */
export interface SlotAbsent {
  readonly kind: "absent";
}

/** The bytes opened. */
export interface Opened {
  readonly kind: "opened";
  /** The opened bytes, unless they went into a slot. @unit base64 */
  readonly bytes?: string;
}

/** The item is done, or was done before. */
export interface ItemDone {
  readonly kind: "ok";
}

/** Something stands in its place, and `existing` is `refuse`. */
export interface ItemExists {
  readonly kind: "exists";
}

/** What stands there is never replaced. */
export interface ItemConflict {
  readonly kind: "conflict";
  /** What stands there. */
  readonly reason: "link-in-path" | "not-a-folder" | "is-a-folder";
}

/** There is no room on the disk. */
export interface ItemNoSpace {
  readonly kind: "no-space";
}

/** The system refuses it. */
export interface ItemRefused {
  readonly kind: "refused";
  /** Why; `name`: the system takes no such name. */
  readonly reason: "permission" | "name" | "io";
}

export type FinishedItem = ItemDone | ItemExists | ItemConflict | ItemNoSpace | ItemRefused;

/** What became of the items. */
export interface Finished {
  readonly kind: "finished";
  /** One for each item of the effect, in its order. */
  readonly items: readonly FinishedItem[];
}

/** The time has come. */
export interface Woken {
  readonly kind: "woken";
}

/** The bytes were derived. */
export interface Derived {
  readonly kind: "derived";
  /** The derived bytes, unless they went into a slot. @unit base64, 32 bytes */
  readonly bytes?: string;
}

/** The new passphrase is too easy to guess (H-26). */
export interface WeakPassphrase {
  readonly kind: "weak";
  /** Why. */
  readonly reason: "too-short" | "too-few-different" | "too-common";
}

/** No passphrase was given. */
export interface NoPassphrase {
  readonly kind: "no-passphrase";
}

/** The work on the slot is done. */
export interface SlotDone {
  readonly kind: "done";
  /** The slot's bytes, for `read`. @unit base64 */
  readonly bytes?: string;
}

/** The answers of each kind of effect; each may also be `Stopped` or `Failed`. */
export interface Answers {
  readonly scan: Scanned | RootUnavailable;
  readonly hash: Hashed;
  readonly upload: Uploaded | NoAnswer | PartFailed;
  readonly download: Downloaded | NoAnswer;
  readonly seal: Sealed | SlotAbsent;
  readonly open: Opened | PartNotAuthentic | PartOtherContent | SlotAbsent;
  readonly "finish-file": Finished;
  readonly request: Exchanged;
  readonly wake: Woken;
  readonly derive: Derived | WeakPassphrase | NoPassphrase | SlotAbsent;
  readonly secret: SlotDone | SlotAbsent;
}

export type AnsweredKind = keyof Answers;
export type Answer<K extends AnsweredKind = AnsweredKind> = Answers[K] | Stopped | Failed;

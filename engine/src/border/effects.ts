/**
 * What the engine asks of its host, and what the host answers: the types of docs/host-api.md §3, section by section.
 * The file's one rule: nothing here decides anything; every field crosses the border as JSON.
 */

import type { HashedFile, RootFailure, ScannedFolder, Stat } from "./sights.ts";

/** A server as effects name it. `pin` is the lower-case hex SHA-256 of its SPKI (H-10). */
export interface ServerAddress {
  readonly url: string;
  readonly pin?: string;
}

/** Where a slot lives: `device` survives a restart, `memory` ends with the process (H-27). */
export type SlotStorage = "device" | "memory";

export interface FilePart {
  readonly root: number;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly digest: string;
  readonly seal?: number;
}

export type UploadPart =
  | FilePart
  | { readonly bytes: string; readonly seal?: number }
  | { readonly zeros: number; readonly seal?: number };

export interface SealUnder {
  readonly slot: string;
  readonly context: string;
}

export interface DownloadPart {
  readonly offset: number;
  readonly length: number;
  readonly seal: number;
  readonly to: "answer" | readonly { readonly root: number; readonly path: string; readonly offset: number }[];
}

export type FinishItem =
  | {
      readonly kind: "file";
      readonly from: string | null;
      readonly path: string;
      readonly sizeBytes: number;
      readonly mode: number | null;
      readonly mtimeS: number;
      readonly mtimeUs: number;
      readonly existing: "refuse" | "replace";
    }
  | { readonly kind: "folder"; readonly path: string }
  | {
      readonly kind: "folder-times";
      readonly path: string;
      readonly mode: number | null;
      readonly mtimeS: number;
      readonly mtimeUs: number;
    }
  | {
      readonly kind: "link";
      readonly path: string;
      readonly target?: string;
      readonly targetHex?: string;
      readonly mtimeS: number;
      readonly mtimeUs: number;
      readonly existing: "refuse" | "replace";
    }
  | { readonly kind: "discard"; readonly from: string };

/** What an effect asks for, without its id. */
export type EffectBody =
  | {
      readonly kind: "scan";
      readonly root: string;
      readonly folders: readonly { readonly path: string; readonly after: string | null }[];
      readonly entries: number;
    }
  | {
      readonly kind: "hash";
      readonly key: string;
      readonly chunkBytes: number;
      readonly files: readonly {
        readonly root: string;
        readonly path: string;
        readonly first: number;
        readonly count: number;
      }[];
    }
  | {
      readonly kind: "upload";
      readonly server: ServerAddress;
      readonly method: "PUT";
      readonly path: string;
      readonly bearer?: string;
      readonly roots: readonly string[];
      readonly seals: readonly SealUnder[];
      readonly key: string | null;
      readonly parts: readonly UploadPart[];
      readonly timeoutMs: number;
      readonly rateBytesPerS?: number;
    }
  | {
      readonly kind: "download";
      readonly server: ServerAddress;
      readonly path: string;
      readonly bearer?: string;
      readonly range?: readonly [from: number, toExclusive: number];
      readonly sha256: string | null;
      readonly maxBytes: number;
      /** The slot of the dedup key, for contexts that name a content (F-23). */
      readonly key: string | null;
      readonly seals: readonly SealUnder[];
      readonly roots: readonly string[];
      readonly parts: readonly DownloadPart[];
      readonly timeoutMs: number;
    }
  | {
      readonly kind: "seal";
      readonly slot: string;
      readonly context: string;
      readonly bytes?: string;
      readonly fromSlot?: string;
    }
  | {
      readonly kind: "open";
      readonly slot: string;
      readonly context: string;
      /** As `download` has it. */
      readonly key?: string;
      readonly bytes: string;
      readonly toSlot?: { readonly slot: string; readonly storage: SlotStorage };
    }
  | {
      readonly kind: "finish-file";
      readonly target: string;
      readonly work: string;
      readonly items: readonly FinishItem[];
    }
  | {
      readonly kind: "request";
      readonly server: ServerAddress;
      readonly method: "GET" | "POST" | "PUT" | "DELETE";
      readonly path: string;
      readonly bearer?: string;
      readonly json?: unknown;
      readonly timeoutMs: number;
    }
  | { readonly kind: "wake"; readonly atMs: number }
  | {
      readonly kind: "derive";
      readonly from: { readonly slot: string } | { readonly passphrase: "new" | "existing" };
      readonly how:
        | { readonly hkdf: string }
        | {
            readonly argon2id: {
              readonly salt: string;
              readonly memoryKiB: number;
              readonly passes: number;
              readonly lanes: number;
            };
          };
      readonly to: { readonly slot: string; readonly storage: SlotStorage } | "answer";
    }
  | {
      readonly kind: "secret";
      readonly op: "make" | "write" | "read" | "erase";
      readonly slot: string;
      readonly storage: SlotStorage;
      readonly bytes?: string;
    }
  | { readonly kind: "show"; readonly view: unknown }
  | { readonly kind: "watch"; readonly roots: readonly string[] }
  | { readonly kind: "cancel"; readonly effect: number };

export type Effect = EffectBody & { readonly id: number };
export type EffectKind = EffectBody["kind"];

export type NoAnswerReason = "unreachable" | "timeout" | "reset" | "tls" | "pin" | "too-large" | "protocol";

export interface NoAnswer {
  readonly kind: "no-answer";
  readonly reason: NoAnswerReason;
}

export interface Response {
  readonly kind: "response";
  readonly status: number;
  readonly headers: {
    readonly "content-type"?: string;
    readonly "retry-after"?: string;
    readonly etag?: string;
  };
  readonly body: string | null;
  readonly elapsedMs: number;
}

export type DownloadedPart =
  | { readonly kind: "ok"; readonly bytes?: string }
  | { readonly kind: "not-authentic" }
  | { readonly kind: "other-content" }
  | { readonly kind: "outside" }
  | { readonly kind: "not-written"; readonly reason: "no-space" | "permission" | "io" };

export type FinishedItem =
  | { readonly kind: "ok" }
  | { readonly kind: "exists" }
  | { readonly kind: "conflict"; readonly reason: "link-in-path" | "not-a-folder" | "is-a-folder" }
  | { readonly kind: "no-space" }
  | { readonly kind: "refused"; readonly reason: "permission" | "name" | "io" };

export interface Stopped {
  readonly kind: "cancelled";
}

export interface Failed {
  readonly kind: "failed";
  readonly reason: "host-answer-too-large" | "host-unsupported" | "host-error";
}

/** The answer of each kind of effect; each may also be `Stopped` or `Failed`. */
export interface Answers {
  readonly scan:
    | {
        readonly kind: "scanned";
        readonly identity: string;
        /** Of the root's own folder. */
        readonly stat: Stat;
        readonly folders: readonly ScannedFolder[];
      }
    | { readonly kind: "root-unavailable"; readonly reason: RootFailure };
  readonly hash: { readonly kind: "hashed"; readonly files: readonly HashedFile[] };
  readonly upload:
    | (Response & { readonly sha256: string; readonly sizeBytes: number })
    | NoAnswer
    | {
        readonly kind: "part-failed";
        readonly parts: readonly {
          readonly part: number;
          readonly reason: "changed" | "vanished" | "unreadable";
        }[];
      };
  readonly download:
    | (Response & {
        readonly sizeBytes: number;
        readonly sha256Ok: boolean | null;
        readonly parts: readonly DownloadedPart[];
      })
    | NoAnswer;
  readonly seal: { readonly kind: "sealed"; readonly bytes: string } | { readonly kind: "absent" };
  readonly open:
    | { readonly kind: "opened"; readonly bytes?: string }
    | { readonly kind: "not-authentic" }
    | { readonly kind: "other-content" }
    | { readonly kind: "absent" };
  readonly "finish-file": { readonly kind: "finished"; readonly items: readonly FinishedItem[] };
  readonly request: Response | NoAnswer;
  readonly wake: { readonly kind: "woken" };
  readonly derive:
    | { readonly kind: "derived"; readonly bytes?: string }
    | { readonly kind: "weak"; readonly reason: "too-short" | "too-few-different" | "too-common" }
    | { readonly kind: "no-passphrase" }
    | { readonly kind: "absent" };
  readonly secret: { readonly kind: "done"; readonly bytes?: string } | { readonly kind: "absent" };
}

export type AnsweredKind = keyof Answers;
export type Answer<K extends AnsweredKind = AnsweredKind> = Answers[K] | Stopped | Failed;

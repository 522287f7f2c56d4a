/**
 * What a host tells the engine: the types of docs/host-api.md §2 and §4.
 * The file's one rule: everything here came from outside; `parse-step.ts` checks its shape before the engine reads it.
 */
import type { Answer, ServerAddress } from "./effects.ts";

export interface Policy {
  readonly unmeteredOnly: boolean;
  readonly chargingOnly: boolean;
  /** Minutes of the local day between which uploads may run, null for always; `from > to` spans midnight. */
  readonly hours: readonly [from: number, to: number] | null;
  readonly uploadBytesPerS: number | null;
}

export interface Conditions {
  readonly network: "none" | "metered" | "unmetered";
  readonly charging: boolean;
  readonly utcOffsetMinutes: number;
}

/** One place of a vault. */
export interface Spelling {
  readonly root: string;
  /** Path text below the root, '' for all of it. */
  readonly path: string;
}

export interface Selection extends Spelling {
  /** Other spellings of the same place, tried in turn where the vault has nothing of this one. */
  readonly spellings?: readonly Spelling[];
}

export type ExistingRule = "skip" | "rename" | "replace";

/**
 * `once`: everything is listed and sent. `changed`: what waits is sent, and only folders are listed that were named as changed.
 * `watch`: as `once`, and then on and on.
 */
export type BackupMode = "once" | "changed" | "watch";

export type Ask =
  | {
      readonly kind: "create";
      readonly server: ServerAddress;
      readonly login: string;
      readonly invitation?: string;
      readonly deviceName: string;
    }
  | {
      readonly kind: "join";
      readonly server: ServerAddress;
      readonly login: string;
      readonly deviceName: string;
      readonly words?: string;
      /** The owner's answer: what the server shows is taken although this machine has seen something else. */
      readonly acceptOlder?: boolean;
    }
  | {
      readonly kind: "add-root";
      readonly name: string;
      readonly locator: string;
      readonly excludes: readonly string[];
    }
  | { readonly kind: "remove-root"; readonly name: string }
  | { readonly kind: "believe-gone"; readonly name: string }
  | { readonly kind: "set-server"; readonly server: ServerAddress }
  | { readonly kind: "set"; readonly policy: Partial<Policy> }
  | { readonly kind: "backup"; readonly mode: BackupMode }
  | { readonly kind: "rotate" }
  | { readonly kind: "status" }
  | { readonly kind: "roots" }
  | { readonly kind: "evidence"; readonly login: string }
  | { readonly kind: "learn"; readonly known: string }
  | {
      readonly kind: "open-vault";
      readonly server: ServerAddress;
      readonly login: string;
      readonly words?: string;
      /** What the home knows: the texts that `evidence` gave. */
      readonly known?: readonly string[];
      readonly acceptOlder?: boolean;
    }
  | { readonly kind: "devices" }
  | {
      readonly kind: "list";
      readonly at?: number;
      readonly device?: string;
      readonly root?: string;
      readonly path?: string;
      readonly spellings?: readonly Spelling[];
      /** `current`: what was there at the time. `all`: every version of every time, the oldest of a path first. */
      readonly versions?: "current" | "all";
    }
  | {
      readonly kind: "restore";
      readonly target: string;
      readonly work: string;
      readonly at?: number;
      readonly device?: string;
      readonly selections: readonly Selection[];
      readonly existing: ExistingRule;
    }
  | { readonly kind: "stop" };

export type Input =
  | {
      readonly kind: "started";
      readonly role: "backup" | "restore";
      readonly ownFolders: readonly string[];
      readonly software: string;
    }
  | { readonly kind: "answer"; readonly effect: number; readonly answer: Answer }
  | { readonly kind: "changed"; readonly root: string; readonly folders: readonly string[] | null }
  | { readonly kind: "unwatched"; readonly root: string; readonly unwatched: boolean }
  | ({ readonly kind: "conditions" } & Conditions)
  | { readonly kind: "ask"; readonly ask: Ask };

/** One call of `handle`. */
export interface StepInput {
  readonly now: number;
  /** Milliseconds of a clock that is never set, from any beginning. */
  readonly monotonicMs: number;
  readonly entropy: Uint8Array;
  readonly inputs: readonly Input[];
}

/**
 * What a person can ask: docs/host-api.md §4, whose tables are made from these types.
 * Rule: as in `effects.ts`. A host passes on what a person gave; the engine says what is wrong with it.
 */
import type { Policy } from "./inputs.ts";
import type {
  BeginSecondFactor,
  ChangePassphrase,
  ConfirmSecondFactor,
  Drill,
  Drilled,
  RemoveSecondFactor,
  RenameDevice,
  RenewWords,
  RevokeDevice,
  ShutOut,
} from "./owner-asks.ts";
import type { ServerAddress } from "./transfers.ts";

/** One place of a vault. */
export interface Spelling {
  /** The root's name. @unit text */
  readonly root: string;
  /** The place below the root, '' for all of it. @unit path */
  readonly path: string;
}

/** A place to restore. */
export interface Selection extends Spelling {
  /** Other spellings of the place, tried in turn where the vault has nothing of this one. */
  readonly spellings?: readonly Spelling[];
}

/** What a restore does where something stands. */
export type ExistingRule = "skip" | "rename" | "replace";

/**
 * `once`: everything is listed and sent. `changed`: what waits is sent, and only folders are listed that were named as changed.
 * `watch`: as `once`, and then on and on.
 */
export type BackupMode = "once" | "changed" | "watch";

/** Makes a vault. */
export interface Create {
  readonly kind: "create";
  /** The server. */
  readonly server: ServerAddress;
  /** The account's name. @unit 3 to 64 of a-z 0-9 . _ @ - */
  readonly login: string;
  /** The invitation, where the server asks for one. @unit text */
  readonly invitation?: string;
  /** This device's name. @unit text, 1 to 64 bytes */
  readonly deviceName: string;
}

/** Joins a vault as another device. */
export interface Join {
  readonly kind: "join";
  /** The server. */
  readonly server: ServerAddress;
  /** The account's name. @unit 3 to 64 of a-z 0-9 . _ @ - */
  readonly login: string;
  /** This device's name. @unit text, 1 to 64 bytes */
  readonly deviceName: string;
  /** The recovery words, in place of a passphrase. @unit 24 words */
  readonly words?: string;
  /** A code of the second factor, where the server wants one. @unit text */
  readonly code?: string;
  /** The owner's answer: what the server shows is taken although this machine has seen something else. */
  readonly acceptOlder?: boolean;
}

/** Adds a root. */
export interface AddRoot {
  readonly kind: "add-root";
  /** Its name. @unit text */
  readonly name: string;
  /** Where it is. @unit locator */
  readonly locator: string;
  /** What is left out of it. @unit gitignore patterns */
  readonly excludes: readonly string[];
}

/** Removes a root from the backup. */
export interface RemoveRoot {
  readonly kind: "remove-root";
  /** Its name. @unit text */
  readonly name: string;
}

/** What is missing in a root when it is listed next was deleted by its owner. */
export interface BelieveGone {
  readonly kind: "believe-gone";
  /** The root's name. @unit text */
  readonly name: string;
}

/** Another address of the same server, which is asked for its key first. */
export interface SetServer {
  readonly kind: "set-server";
  /** The address. */
  readonly server: ServerAddress;
}

/** Changes the policy. */
export interface SetPolicy {
  readonly kind: "set";
  /** The fields to change. */
  readonly policy: Partial<Policy>;
}

/** Backs up. */
export interface BackUp {
  readonly kind: "backup";
  /** What is listed and when it ends: `once`, `changed` (only folders named by `changed` are listed), `watch`. */
  readonly mode: BackupMode;
}

/** Begins a new epoch now. */
export interface Rotate {
  readonly kind: "rotate";
}

/** Asks the server to prove that it has what this machine stored there. */
export interface Verify {
  readonly kind: "verify";
  /** All that can be asked about, and not a sample. */
  readonly all?: boolean;
}

/** Shows the status. Reads alone: it changes nothing in the Store, and needs no `started`. */
export interface Status {
  readonly kind: "status";
}

/** Shows the roots. Reads alone, as `status`. */
export interface Roots {
  readonly kind: "roots";
}

/** Shows what this home has seen of the vaults of a login. Reads alone, as `status`. */
export interface Evidence {
  readonly kind: "evidence";
  /** The account's name. @unit text */
  readonly login: string;
}

/** Has a home learn what was seen; needs no `started`. */
export interface Learn {
  readonly kind: "learn";
  /** The text of a view `evidence`. @unit evidence (F-93) */
  readonly known: string;
}

/** Opens a vault for reading. Role `restore`. */
export interface OpenVault {
  readonly kind: "open-vault";
  /** The server. */
  readonly server: ServerAddress;
  /** The account's name. @unit 3 to 64 of a-z 0-9 . _ @ - */
  readonly login: string;
  /** The recovery words, in place of a passphrase. @unit 24 words */
  readonly words?: string;
  /** A code of the second factor, where the server wants one. @unit text */
  readonly code?: string;
  /** What the home knows: the texts that `evidence` gave. @unit evidence (F-93) */
  readonly known?: readonly string[];
  /** The owner's answer: what the server shows is taken although this machine has seen something else. */
  readonly acceptOlder?: boolean;
}

/** Shows the open vault's devices, and how far they are. Role `restore`. */
export interface Devices {
  readonly kind: "devices";
}

/** Lists what the open vault holds. Role `restore`. */
export interface List {
  readonly kind: "list";
  /** As it was at this time; absent: now. @unit ms since 1970 */
  readonly at?: number;
  /** One device alone. @unit device id or name */
  readonly device?: string;
  /** One root alone. @unit text */
  readonly root?: string;
  /** What is below this place. @unit path */
  readonly path?: string;
  /** Other spellings of the place. */
  readonly spellings?: readonly Spelling[];
  /** `current`, the default: what was there at the time. `all`: every version of every time, a path's oldest first. */
  readonly versions?: "current" | "all";
  /** Also what devices recorded after they were shut out, marked. */
  readonly withRevoked?: boolean;
}

/** Restores. Role `restore`. */
export interface RestoreFiles {
  readonly kind: "restore";
  /** The folder to restore into. @unit locator */
  readonly target: string;
  /** The folder that files wait in, on the target's disk. @unit locator */
  readonly work: string;
  /** As it was at this time; absent: now. @unit ms since 1970 */
  readonly at?: number;
  /** Of one device alone. @unit device id or name */
  readonly device?: string;
  /** Which places; none: everything. */
  readonly selections: readonly Selection[];
  /** What to do where something stands. */
  readonly existing: ExistingRule;
  /** Also what devices recorded after they were shut out, marked. */
  readonly withRevoked?: boolean;
}

/** Writes all that the server keeps of the open vault into one file (format §12). Role `restore`. */
export interface ExportVault {
  readonly kind: "export";
  /** The folder that the file comes into. @unit locator */
  readonly target: string;
  /** Its name there; nothing may stand under it. @unit name */
  readonly name: string;
  /** The folder that the file grows in, on the target's disk. @unit locator */
  readonly work: string;
}

/** Ends the backup or restore at the next safe point; a backup that is asked for after it has a run of its own. */
export interface Stop {
  readonly kind: "stop";
  /** Only the backups that were asked for with it: they end by `user-stopped`, and what others asked for goes on. */
  readonly mode?: BackupMode;
}

export type Ask =
  | Create
  | Join
  | AddRoot
  | RemoveRoot
  | BelieveGone
  | SetServer
  | SetPolicy
  | BackUp
  | Rotate
  | Verify
  | Status
  | Roots
  | Evidence
  | Learn
  | OpenVault
  | Devices
  | List
  | RestoreFiles
  | RenameDevice
  | ShutOut
  | RevokeDevice
  | ExportVault
  | ChangePassphrase
  | RenewWords
  | BeginSecondFactor
  | ConfirmSecondFactor
  | RemoveSecondFactor
  | Drill
  | Drilled
  | Stop;

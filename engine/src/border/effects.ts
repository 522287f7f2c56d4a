/**
 * What the engine asks of its host, without exchanges with a server (`transfers.ts`): the tables of docs/host-api.md §3 are
 * made from both files. Rule: nothing here decides anything. An object is an interface of flat fields, and each field has a
 * docstring; `@unit` says the unit and limits of a number, and which kind of text a text is.
 */

import type { Download, Request, SealUnder, Upload } from "./transfers.ts";

/** Where a slot lives: `device` survives a restart, `memory` ends with the process (H-27). */
export type SlotStorage = "device" | "memory";

/** A slot, and where it lives. */
export interface StoredSlot {
  /** Its name. @unit slot */
  readonly slot: string;
  /** Where it lives. */
  readonly storage: SlotStorage;
}

/** A folder to list. */
export interface FolderToScan {
  /** The folder, below the root. @unit path */
  readonly path: string;
  /** List behind this name; null: from the beginning. @unit name */
  readonly after: string | null;
}

/** Lists folders. */
export interface Scan {
  readonly kind: "scan";
  /** The root. @unit locator */
  readonly root: string;
  /** The folders, in the order in which they are listed. */
  readonly folders: readonly FolderToScan[];
  /** The most entries that the answer may hold. @unit entries, 1 or more */
  readonly entries: number;
}

/** A stretch of a file to hash. */
export interface FileToHash {
  /** The root. @unit locator */
  readonly root: string;
  /** The file, below the root. @unit path */
  readonly path: string;
  /** The first chunk to read. @unit index of a chunk, from 0 */
  readonly first: number;
  /** How many chunks to read. @unit chunks, 1 or more; at most 3,000 an effect */
  readonly count: number;
}

/** Reads stretches of files and gives the keyed digest of each chunk. */
export interface Hash {
  readonly kind: "hash";
  /** The slot of the dedup key. @unit slot */
  readonly key: string;
  /** The size of a chunk. @unit bytes, 1 to 8,388,608 */
  readonly chunkBytes: number;
  /** The stretches. */
  readonly files: readonly FileToHash[];
}

/** Seals bytes under a slot. */
export interface Seal extends SealUnder {
  readonly kind: "seal";
  /** What to seal. @unit base64, at most 262,144 bytes */
  readonly bytes?: string;
  /** In place of `bytes`: the slot whose bytes are sealed. @unit slot */
  readonly fromSlot?: string;
}

/** Opens sealed bytes. */
export interface Open extends SealUnder {
  readonly kind: "open";
  /** The slot of the dedup key, for contexts that name a content (H-32). @unit slot */
  readonly key?: string;
  /** What to open. @unit base64, at most 262,144 bytes */
  readonly bytes: string;
  /** Where the opened bytes are kept; absent: they are the answer. */
  readonly toSlot?: StoredSlot;
}

/** Takes a file out of the work folder to its place. */
export interface FileItem {
  readonly kind: "file";
  /** The file below `work`; null makes an empty file. @unit path */
  readonly from: string | null;
  /** Its place below `target`. @unit path */
  readonly path: string;
  /** Its size; a shorter file ends in zeros. @unit bytes */
  readonly sizeBytes: number;
  /** Its mode; null: that of any new file. @unit permission bits */
  readonly mode: number | null;
  /** Its time of change. @unit s since 1970, may be negative */
  readonly mtimeS: number;
  /** The microseconds of that time. @unit µs, 0 to 999,999 */
  readonly mtimeUs: number;
  /** What to do when something stands there. */
  readonly existing: "refuse" | "replace";
}

/** Makes a folder, and those above it. */
export interface FolderItem {
  readonly kind: "folder";
  /** The folder, below `target`. @unit path */
  readonly path: string;
}

/** Sets a folder's mode and times once its contents are there. */
export interface FolderTimesItem {
  readonly kind: "folder-times";
  /** The folder, below `target`. @unit path */
  readonly path: string;
  /** Its mode; null leaves it as it is. @unit permission bits */
  readonly mode: number | null;
  /** Its time of change. @unit s since 1970, may be negative */
  readonly mtimeS: number;
  /** The microseconds of that time. @unit µs, 0 to 999,999 */
  readonly mtimeUs: number;
}

/** Makes a link. */
export interface LinkItem {
  readonly kind: "link";
  /** Its place below `target`. @unit path */
  readonly path: string;
  /** Where it points. @unit text */
  readonly target?: string;
  /** In place of `target`, one that is not UTF-8. @unit hex */
  readonly targetHex?: string;
  /** The link's own time of change. @unit s since 1970, may be negative */
  readonly mtimeS: number;
  /** The microseconds of that time. @unit µs, 0 to 999,999 */
  readonly mtimeUs: number;
  /** What to do when something stands there. */
  readonly existing: "refuse" | "replace";
}

/** Removes a file of the work folder. */
export interface DiscardItem {
  readonly kind: "discard";
  /** The file, below `work`. @unit path */
  readonly from: string;
}

/** Writes bytes into a file of the work folder. */
export interface WriteItem {
  readonly kind: "write";
  /** The file below `work`; it is made where it is missing. @unit path */
  readonly to: string;
  /** Where the bytes go in it. @unit bytes */
  readonly offset: number;
  /** The bytes; none where only the end counts. @unit base64, at most 327,680 bytes */
  readonly bytes: string;
  /** Whether the file ends behind them; what stood there is cut off. */
  readonly ends: boolean;
}

export type FinishItem = FileItem | FolderItem | FolderTimesItem | LinkItem | DiscardItem | WriteItem;

/** Puts what was fetched into place. */
export interface FinishFile {
  readonly kind: "finish-file";
  /** The folder that is restored into. @unit locator */
  readonly target: string;
  /** The folder that files wait in, on the target's disk. @unit locator */
  readonly work: string;
  /** What to do, in order. */
  readonly items: readonly FinishItem[];
}

/** Asks to be called at a time. */
export interface Wake {
  readonly kind: "wake";
  /** When. @unit ms since 1970 */
  readonly atMs: number;
}

/** Key material out of a slot. */
export interface SlotSource {
  /** The slot. @unit slot */
  readonly slot: string;
}

/** Key material out of what a person types. */
export interface PassphraseSource {
  /** `new` is asked for twice and held against the rule of H-26. */
  readonly passphrase: "new" | "existing";
}

/** HKDF-SHA-256 without a salt. */
export interface HkdfDerivation {
  /** The info of HKDF. @unit text */
  readonly hkdf: string;
}

/** The cost of Argon2id, within F-11, and its salt. */
export interface Argon2idCost {
  /** The salt. @unit base64 */
  readonly salt: string;
  /** Memory. @unit KiB */
  readonly memoryKiB: number;
  /** Passes over the memory. @unit passes */
  readonly passes: number;
  /** Lanes. @unit lanes */
  readonly lanes: number;
}

/** Argon2id. */
export interface Argon2idDerivation {
  /** Its parameters. */
  readonly argon2id: Argon2idCost;
}

/** Derives 32 bytes. */
export interface Derive {
  readonly kind: "derive";
  /** Out of what. */
  readonly from: SlotSource | PassphraseSource;
  /** By which construction. */
  readonly how: HkdfDerivation | Argon2idDerivation;
  /** Where the bytes go. */
  readonly to: StoredSlot | "answer";
}

/** Works on one slot. */
export interface Secret extends StoredSlot {
  readonly kind: "secret";
  /** `make` draws 32 random bytes unless the slot is there. */
  readonly op: "make" | "write" | "read" | "erase";
  /** What `write` writes. @unit base64 */
  readonly bytes?: string;
}

/** Shows something to the person (§5). */
export interface Show {
  readonly kind: "show";
  /** What. @unit view (§5) */
  readonly view: unknown;
}

/** Observes roots. */
export interface Watch {
  readonly kind: "watch";
  /** These, and no others. @unit locators */
  readonly roots: readonly string[];
}

/** Stops an effect. */
export interface Cancel {
  readonly kind: "cancel";
  /** Which. @unit id of an effect */
  readonly effect: number;
}

/** What an effect asks for, without its id. */
export type EffectBody =
  | Scan
  | Hash
  | Upload
  | Download
  | Seal
  | Open
  | FinishFile
  | Request
  | Wake
  | Derive
  | Secret
  | Show
  | Watch
  | Cancel;

export type Effect = EffectBody & { readonly id: number };
export type EffectKind = EffectBody["kind"];

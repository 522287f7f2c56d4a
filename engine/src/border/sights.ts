/**
 * What a host says of files and folders: the types of docs/host-api.md §1 and of `scan` and `hash` in §3.
 * Rule: these are words of a file system, and an entry may say anything; `scanned-entry.ts` reads entries with care.
 */

/** What a system says of a file or folder. A field that the platform does not have is absent. */
export interface Stat {
  /** The size. @unit bytes */
  readonly sizeBytes: number;
  /** The time of change. @unit s since 1970, may be negative */
  readonly mtimeS: number;
  /** The microseconds of that time. @unit µs, 0 to 999,999 */
  readonly mtimeUs: number;
  /** The time when the file or its stat changed. @unit s since 1970 */
  readonly ctimeS?: number;
  /** The microseconds of that time. @unit µs, 0 to 999,999 */
  readonly ctimeUs?: number;
  /** The mode. @unit permission bits */
  readonly mode?: number;
  /** Changes when another file takes the name (device and inode, document id). @unit text */
  readonly identity: string;
}

/** Why something could not be listed; `too-long`: the system takes no path of that length. */
export type ScanFailure = "permission" | "io" | "vanished" | "not-a-folder" | "too-long";

/** An entry with its stat. */
export interface ScannedEntry extends Stat {
  /** Its name. @unit name */
  readonly name: string;
  /** What it is; links are not followed. */
  readonly kind: "file" | "folder" | "link" | "socket" | "pipe" | "device" | "unknown";
  /** Where a link points. @unit text */
  readonly target?: string;
  /** In place of `target`, one that is not UTF-8. @unit hex */
  readonly targetHex?: string;
}

/** An entry of which no more than its name is known. */
export interface UnreadableEntry {
  /** Its name. @unit name */
  readonly name: string;
  /** Why. */
  readonly failed: ScanFailure;
}

/** A folder, or a piece of one, that was listed. */
export interface ListedFolder {
  /** The folder, as the effect names it. @unit path */
  readonly path: string;
  /** The folder's, as in a stat. @unit text */
  readonly identity?: string;
  /** True: it lies on another disk than the folder above it; never of the root. */
  readonly mounted?: boolean;
  /** True: names may be missing that are there. New and changed ones are taken, and nothing is called gone. */
  readonly partial?: boolean;
  /** What is in it, in order of names. */
  readonly entries: readonly (ScannedEntry | UnreadableEntry)[];
  /** Whether the folder is finished. */
  readonly end: boolean;
}

/** A folder that could not be listed. */
export interface FailedFolder {
  /** The folder, as the effect names it. @unit path */
  readonly path: string;
  /** Why. */
  readonly failed: ScanFailure;
}

/** A folder of Coffre's own: nothing in it is told (H-36). */
export interface OwnFolder {
  /** The folder, as the effect names it. @unit path */
  readonly path: string;
  /** Always true. */
  readonly own: true;
}

export type ScannedFolder = ListedFolder | FailedFolder | OwnFolder;

/** Why a root cannot be listed; `own-folder`: it is Coffre's own, or lies inside a folder that is. */
export type RootFailure = ScanFailure | "own-folder";

/** Why a file cannot be read; `size`: it has more or fewer bytes than its stat says, which did not change. */
export type UnreadableReason = "permission" | "io" | "not-a-file" | "size";

/** A stretch that was read. */
export interface ReadFile {
  readonly kind: "ok";
  /** The stat before and after the reading. */
  readonly stat: Stat;
  /** The keyed digests of the chunks that were there, in order. @unit hex HMAC-SHA-256 */
  readonly digests: readonly string[];
}

/** The stat changed while the file was read. */
export interface ChangedFile {
  readonly kind: "changed";
}

/** There is no such file. */
export interface VanishedFile {
  readonly kind: "vanished";
}

/** The file cannot be read. */
export interface UnreadableFile {
  readonly kind: "unreadable";
  /** Why; `size`: it has more or fewer bytes than its stat says, which did not change. */
  readonly reason: UnreadableReason;
}

export type HashedFile = ReadFile | ChangedFile | VanishedFile | UnreadableFile;

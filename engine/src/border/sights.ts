/**
 * What a host says of files and folders: the types of docs/host-api.md §1 and of `scan` and `hash` in §3.
 * The file's one rule: these are words of a file system, and may say anything; `backup/scanned-entry.ts` reads them with care.
 */

export interface Stat {
  readonly sizeBytes: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly ctimeS?: number;
  readonly ctimeUs?: number;
  readonly mode?: number;
  readonly identity: string;
}

export type ScanFailure = "permission" | "io" | "vanished" | "not-a-folder" | "too-long";

export interface ScannedEntry extends Stat {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "socket" | "pipe" | "device" | "unknown";
  readonly target?: string;
  readonly targetHex?: string;
}

export interface UnreadableEntry {
  readonly name: string;
  readonly failed: ScanFailure;
}

/** `own`: the folder is Coffre's own, and nothing in it is told (H-36). */
export type ScannedFolder =
  | ListedFolder
  | { readonly path: string; readonly failed: ScanFailure }
  | { readonly path: string; readonly own: true };

/** Why a root cannot be listed; `own-folder`: it is Coffre's own, or lies inside a folder that is. */
export type RootFailure = ScanFailure | "own-folder";

export interface ListedFolder {
  readonly path: string;
  /** As in a stat, of the folder that was listed; absent where the platform has none. */
  readonly identity?: string;
  /** True when it lies on another disk than the folder above it. */
  readonly mounted?: boolean;
  /** True when names may be missing that are there. */
  readonly partial?: boolean;
  readonly entries: readonly (ScannedEntry | UnreadableEntry)[];
  readonly end: boolean;
}

/** `size`: the file has more or fewer bytes than its stat says, which did not change. */
export type UnreadableReason = "permission" | "io" | "not-a-file" | "size";

export type HashedFile =
  | { readonly kind: "ok"; readonly stat: Stat; readonly digests: readonly string[] }
  | { readonly kind: "changed" }
  | { readonly kind: "vanished" }
  | { readonly kind: "unreadable"; readonly reason: UnreadableReason };

// Why the disk under a home or a folder refused something. Rule: by codes of SQLite and of the system, never by text.

import { statfsSync } from "node:fs";
import { errnoOf } from "./system-error.ts";

/** `full`: no space or quota left. `not-writable`: permissions, or a disk that is read-only. `damaged`: not what SQLite wrote. */
export type StorageTrouble = "full" | "not-writable" | "damaged" | "io";

/** Primary result codes (https://sqlite.org/rescode.html). */
const SQLITE: ReadonlyMap<number, StorageTrouble> = new Map([
  [3, "not-writable"],
  [8, "not-writable"],
  [10, "io"],
  [11, "damaged"],
  [13, "full"],
  [14, "not-writable"],
  [26, "damaged"],
]);
const SYSTEM: ReadonlyMap<string, StorageTrouble> = new Map([
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EROFS", "not-writable"],
  ["EACCES", "not-writable"],
  ["EPERM", "not-writable"],
  ["EIO", "io"],
]);
/** SQLite's index of a write-ahead log wants 32 KiB; with less it speaks of an error of the disk. */
const LEAST_FREE_BYTES = 65_536;

/** What an error says about the disk, or null when it speaks of something else. */
export function storageTroubleOf(error: unknown): StorageTrouble | null {
  if (error instanceof Error && "errcode" in error) return SQLITE.get(Number(error.errcode) & 0xff) ?? null;
  return SYSTEM.get(errnoOf(error)) ?? null;
}

/** The trouble in `folder` once its disk was asked, too: some file systems call a full disk an error. */
export function lookCloser(trouble: StorageTrouble, folder: string): StorageTrouble {
  if (trouble !== "io") return trouble;
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < LEAST_FREE_BYTES ? "full" : trouble;
  } catch {
    return trouble;
  }
}

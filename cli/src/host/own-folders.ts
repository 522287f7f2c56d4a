// Folders that are Coffre's own, and the mark that says so (docs/host-api.md H-36). Rule: by a file in the folder and not by its
// path, so that copies, other mounts and other programs' folders are seen too; a file that merely has the name is no mark.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { locateIn, locatorOf, type SystemPath } from "./names.ts";
import { errnoOf } from "./system-error.ts";

/** The mark's name. */
export const OWN_MARK = ".coffre-own";

const LINE = "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n";
/** For people; readers look at the line above alone. */
const WORDS = "Coffre keeps files of its own in this folder, and leaves it out of every backup.\n";
const MOST_BYTES = 1_024;

const WRITE = constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** A pipe of that name is not waited for, and a link not followed. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Whether a folder holds a mark that can be read. */
export function isOwnFolder(folder: SystemPath): boolean {
  let fd: number;
  try {
    fd = openSync(locateIn(folder, OWN_MARK), READ);
  } catch {
    return false;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size < LINE.length || stat.size > MOST_BYTES) return false;
    const bytes = Buffer.alloc(LINE.length);
    return readSync(fd, bytes, 0, bytes.length, 0) === bytes.length && bytes.toString("latin1") === LINE;
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

/** The locator of the folder that makes this one Coffre's own, itself or one above it; null when there is none. */
export function findOwnFolder(folder: SystemPath): string | null {
  let path: string;
  try {
    // Latin-1 keeps each byte, whatever the name's encoding is; so does the system's own way, other than Node's.
    path = realpathSync.native(folder, "buffer").toString("latin1");
  } catch {
    return null;
  }
  for (;;) {
    const place = Buffer.from(path, "latin1");
    if (isOwnFolder(place)) return locatorOf(place);
    const above = dirname(path);
    if (above === path) return null;
    path = above;
  }
}

/** Marks a folder as Coffre's own, where that is possible: a folder without a mark works all the same. */
export function markOwnFolder(folder: string): void {
  if (isOwnFolder(folder)) return;
  try {
    const fd = openSync(locateIn(folder, OWN_MARK), WRITE, 0o644);
    try {
      const stat = fstatSync(fd);
      // An empty one was left by a full disk, or a kill.
      if (stat.isFile() && stat.size === 0) writeMark(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Full or read-only, or something else has the name, which is not ours to remove.
    if (errnoOf(error) === "") throw error;
  }
}

function writeMark(fd: number): void {
  try {
    writeSync(fd, LINE + WORDS);
    fsyncSync(fd);
  } catch (error) {
    ftruncateSync(fd, 0);
    throw error;
  }
}

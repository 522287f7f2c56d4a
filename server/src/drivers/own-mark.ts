// The mark of a folder that is Coffre's own (docs/host-api.md H-36): clients on the same machine leave it out of their backups.
// Without it a server inside a folder that is backed up to it would grow by each backup of what the last one sent. Rule: a
// server needs no mark to work, so nothing fails because of one.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

const NAME = ".coffre-own";
const TEXT = `coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b
Coffre keeps files of its own in this folder, and leaves it out of every backup.
`;
/** A link or a pipe of that name is somebody else's, and neither followed nor waited for. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Whoever may list the folder may know whose it is. */
const MODE = 0o644;

/** Marks a folder that is there, unless something has the mark's name already. */
export async function markOwnFolder(folder: string): Promise<void> {
  try {
    const file = await open(join(folder, NAME), FLAGS, MODE);
    try {
      const stat = await file.stat();
      // An empty one was left by a full disk, or a kill.
      if (!stat.isFile() || stat.size > 0) return;
      await file.chmod(MODE);
      await writeWhole(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    // Full, read-only or not ours; what has no code is a mistake of this file.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

async function writeWhole(file: FileHandle): Promise<void> {
  try {
    await file.writeFile(TEXT);
    await file.sync();
  } catch (error) {
    await file.truncate(0);
    throw error;
  }
}

// One server for each data folder. Rule: the lock is SQLite's exclusive file lock, which the kernel releases with the
// process, so that a killed server leaves nothing to clean up.

import { DatabaseSync } from "node:sqlite";

/** SQLITE_BUSY, SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html). */
const BUSY = 5;
const DAMAGED: readonly unknown[] = [11, 26];

/** Holds the lock until `release`; null when another server has it, an Error in words when its file is damaged. */
export function lockFolder(path: string): { release(): void } | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Nothing is ever written to the file: the lock is had on a full disk too.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const code = error instanceof Error && "errcode" in error ? error.errcode : null;
    if (code === BUSY) return null;
    // A rebuild needs this lock too, so it is no way out.
    if (DAMAGED.includes(code)) {
      throw new Error(
        "lock.db is damaged, and nothing is kept in it: make sure that no coffre-server runs on this folder, then remove it",
      );
    }
    throw error;
  }
  return { release: () => database.close() };
}

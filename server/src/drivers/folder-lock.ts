// One server for each data folder. Rule: the lock is SQLite's exclusive file lock, which the kernel releases with the
// process, so that a killed server leaves nothing to clean up.

import { DatabaseSync } from "node:sqlite";

/** Holds the lock until `release`; null when another server has it. */
export function lockFolder(path: string): { release(): void } | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    // SQLITE_BUSY (https://sqlite.org/rescode.html).
    if (error instanceof Error && "errcode" in error && error.errcode === 5) return null;
    throw error;
  }
  return { release: () => database.close() };
}

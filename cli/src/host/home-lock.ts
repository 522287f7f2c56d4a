// One process for each home (issue 3, "a second coffre on the same home"). Rule: the kernel holds the lock for a living
// process only, so that nothing has to be cleaned up after a kill.

import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/** A lock on a file, held until `release` or the end of the process. */
export class HomeLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the lock, or null when a living process has it, still after `waitMs`. The file is an empty database, made when it is missing. */
  static take(file: string, waitMs: number): HomeLock | null {
    const database = new DatabaseSync(file, { timeout: waitMs });
    try {
      chmodSync(file, 0o600);
      database.exec("BEGIN EXCLUSIVE");
      return new HomeLock(database);
    } catch (error) {
      database.close();
      if (error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY) return null;
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}

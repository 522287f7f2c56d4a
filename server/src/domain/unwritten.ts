// What must not be forgotten and could not be written, because the disk is full (P-82). Rule: it is kept in memory until
// its row stands, so that logging in and reading need no room.

import { AccountLocks } from "./account-locks.ts";
import { StorageFull } from "./storage.ts";

type Mark = {
  readonly values: readonly number[];
  /** After this nobody asks for the mark any more; null for one that must be written. */
  readonly expiresAtMs: number | null;
  readonly write: () => Promise<unknown>;
};

export class Unwritten {
  readonly #marks = new Map<string, Mark>();
  readonly #locks = new AccountLocks();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs `work` alone among all that is done under this name in this process. */
  hold<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    return this.#locks.hold(name, work);
  }

  /** The numbers that are kept under this name, or null when none wait for their row. */
  read(name: string): readonly number[] | null {
    return this.#marks.get(name)?.values ?? null;
  }

  /** Runs `write`; on a full disk keeps `values` in its place and writes them later. */
  async write(name: string, values: readonly number[], expiresAtMs: number | null, write: () => Promise<unknown>) {
    try {
      await write();
      this.#marks.delete(name);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      this.#marks.set(name, { values, expiresAtMs, write });
    }
  }

  /**
   * Uses something up that serves once: true for the first use. `use` does it in rows and says whether it was unused;
   * `isUsed` says so without writing.
   */
  useOnce(
    name: string,
    expiresAtMs: number | null,
    use: () => Promise<boolean>,
    isUsed: () => Promise<boolean>,
  ): Promise<boolean> {
    return this.hold(name, async () => {
      if (this.#marks.has(name)) return false;
      try {
        return await use();
      } catch (error) {
        if (!(error instanceof StorageFull)) throw error;
        if (await isUsed()) return false;
        this.#marks.set(name, { values: [], expiresAtMs, write: use });
        return true;
      }
    });
  }

  /** Forgets what has expired, and tries to write the rest; called now and then. What fails for one stops no other. */
  async flush(): Promise<void> {
    const failures: unknown[] = [];
    for (const [name, mark] of [...this.#marks]) {
      if (mark.expiresAtMs !== null && mark.expiresAtMs < this.#now()) {
        this.#marks.delete(name);
        continue;
      }
      try {
        await this.hold(name, async () => {
          // It may have been replaced, or written, while others held the name.
          if (this.#marks.get(name) === mark) await this.write(name, mark.values, mark.expiresAtMs, mark.write);
        });
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

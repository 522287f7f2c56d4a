// Whether the server can do what it is there for, storing too (docs/protocol.md 10). Rule: it is tried and not guessed, and
// however often one asks, the disk is written to every few seconds at the most.

import type { Instance } from "./instance.ts";
import { Refusal } from "./refusal.ts";
import { StorageFull, StoreUnavailable } from "./storage.ts";

const TRIED_FOR_MS = 5_000;
/** The table's 507 is for what would be stored. */
const NOT_READY = 503;

export class Readiness {
  readonly #instance: Pick<Instance, "ballast" | "blobs" | "database" | "journal" | "room">;
  readonly #monotonicMs: () => number;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #trial: Promise<Refusal | null> = Promise.resolve(null);

  /** `monotonicMs` never goes back. */
  constructor(
    instance: Pick<Instance, "ballast" | "blobs" | "database" | "journal" | "room">,
    monotonicMs: () => number,
  ) {
    this.#instance = instance;
    this.#monotonicMs = monotonicMs;
  }

  /** Refusal `storage-full` (503 here) or `busy` with words about what cannot be done now. */
  async require(): Promise<void> {
    const { blobs, database, journal } = this.#instance;
    await database.read("SELECT 1 AS one");
    await Promise.all([blobs.check(), journal.check()]);
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#triedAtMs >= TRIED_FOR_MS) {
      this.#triedAtMs = nowMs;
      this.#trial = this.#try();
    }
    const refusal = await this.#trial;
    if (refusal !== null) throw refusal;
  }

  async #try(): Promise<Refusal | null> {
    try {
      await this.#instance.ballast.requireThere();
      await this.#instance.room.tryWrite();
      return null;
    } catch (error) {
      if (error instanceof StorageFull)
        return new Refusal("storage-full", "nothing can be stored now; reading goes on", { status: NOT_READY });
      if (error instanceof StoreUnavailable)
        return new Refusal("busy", `nothing can be stored now (${error.code}); reading goes on`);
      throw error;
    }
  }
}

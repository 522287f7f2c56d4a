// A database that was closed whole and cannot be opened for writing, because the disk is full. Rule: what stands in it is
// read as it is; everything that would write first tries to open it as ever.

import type { Database, Transaction, Value } from "../domain/database.ts";
import { StorageFull } from "../domain/storage.ts";

/** How often a read tries whether there is room by now. */
const RETRY_MS = 1_000;

export class LateDatabase implements Database {
  readonly #reader: Pick<Database, "read" | "close">;
  readonly #open: () => Promise<Database>;
  #opened: Database | null = null;
  #opening: Promise<Database> | null = null;
  #triedAtMs: number;

  /** `reader` reads the file as it stands; `open` opens it for good, or fails with StorageFull. */
  constructor(reader: Pick<Database, "read" | "close">, open: () => Promise<Database>) {
    this.#reader = reader;
    this.#open = open;
    this.#triedAtMs = performance.now();
  }

  async read<Found>(sql: string, values?: readonly Value[]): Promise<Found[]> {
    // Another process may have found room and written meanwhile: the file is not looked at for long as it stands.
    if (this.#opened === null && performance.now() - this.#triedAtMs >= RETRY_MS) await this.#tryOpen();
    return (this.#opened ?? this.#reader).read<Found>(sql, values);
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const database = this.#opened ?? (await this.#openNow());
    return database.transaction(work);
  }

  async close(): Promise<void> {
    await (this.#opened ?? this.#reader).close();
  }

  async #tryOpen(): Promise<void> {
    try {
      await this.#openNow();
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
    }
  }

  async #openNow(): Promise<Database> {
    this.#triedAtMs = performance.now();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    const opened = await this.#opening;
    if (this.#opened === null) {
      this.#opened = opened;
      await this.#reader.close();
    }
    return opened;
  }
}

// Looking whether the journal still holds what the rows know of each account. Rule: what rows hold is written again here;
// a record or base whose bytes are lost keeps its row, is marked, and is asked for (P-32).

import { readSequence, salvageBytes } from "./applying.ts";
import { type AccountChange, encodeChange } from "./changes.ts";
import type { Database } from "./database.ts";
import { hashId, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { type FoundObject, readObject } from "./journal-objects.ts";
import { forgetLost, isFactorDoubtful } from "./lost-objects.ts";
import { attempt, POSTPONED } from "./removals.ts";
import { formatLost, type LostHolding, readVaultChange } from "./row-changes.ts";
import { SaidByObjects } from "./said-by-objects.ts";
import { StoreUnavailable } from "./storage.ts";

export type JournalScrub = {
  readonly objects: number;
  /** Objects that were lost and are written again. */
  readonly rewritten: number;
  readonly unreadable: number;
  /** Accounts that have objects and could not be looked at. */
  readonly unserved: number;
  /** What devices are asked for, by account. */
  readonly damagedOf: ReadonlyMap<Id, { readonly records: number; readonly envelopes: number; readonly bases: number }>;
};

/** Reads every object of every account. UnknownChange for a whole one of a newer version. */
export async function scrubJournal(instance: Instance): Promise<JournalScrub> {
  const count = { objects: 0, rewritten: 0, unreadable: 0, unserved: 0 };
  for (const vault of await listVaults(instance)) {
    const scrubbed = await attempt(instance, () => scrubAccount(instance, vault));
    if (scrubbed === POSTPONED) {
      count.unserved += 1;
      continue;
    }
    count.objects += scrubbed.objects;
    count.rewritten += scrubbed.rewritten;
    count.unreadable += scrubbed.unreadable;
  }
  return { ...count, damagedOf: await countDamaged(instance) };
}

/** Null for an account whose objects cannot be applied. */
async function scrubAccount(instance: Instance, vault: Id): Promise<AccountCount | null> {
  const last = await instance.ledger.holdSettled(vault, () => readSequence(instance.database, vault));
  if (last === null) return null;
  const count = { objects: 0, rewritten: 0, unreadable: 0 };
  await new AccountScrub(instance, vault, count).run(last);
  return count;
}

type AccountCount = { objects: number; rewritten: number; unreadable: number };

type Spoilt = {
  readonly table: "envelopes" | "rosters" | "vault_objects";
  readonly column: "hash" | "tag";
  readonly hash: Id;
};

class AccountScrub {
  readonly #instance: Instance;
  readonly #vault: Id;
  readonly #count: AccountCount;
  readonly #said = new SaidByObjects();
  /** Numbers whose objects are lost, and of which no row says what they were. */
  readonly #unexplained: { readonly sequence: number; readonly found: FoundObject }[] = [];

  constructor(instance: Instance, vault: Id, count: AccountCount) {
    this.#instance = instance;
    this.#vault = vault;
    this.#count = count;
  }

  async run(last: number): Promise<void> {
    for (let sequence = 1; sequence <= last; sequence += 1) {
      const found = await this.#read(sequence);
      if (found === null) continue;
      this.#count.objects += 1;
      if (found.kind === "whole") await this.#takeWhole(sequence, found.change);
      else await this.#takeLost(sequence, found);
    }
    await this.#writeHeldByRows();
  }

  /** Null for what the disk does not give now; a disk that is gone ends the work. */
  async #read(sequence: number): Promise<FoundObject | null> {
    const { journal } = this.#instance;
    try {
      return await readObject(journal, this.#vault, sequence);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await journal.check();
      this.#count.unreadable += 1;
      return null;
    }
  }

  async #takeWhole(sequence: number, change: AccountChange): Promise<void> {
    this.#said.take(sequence, change);
    const { database } = this.#instance;
    if (change.kind !== "record" && change.kind !== "base") return;
    // A file of a copy may have been put in the place of the one that was lost.
    const hash = hashId(change.kind === "record" ? change.record : change.body);
    const table = change.kind === "record" ? "records" : "bases";
    const device = change.kind === "record" ? change.device : null;
    const where = `vault = $1 AND number = $2 AND sequence = $3 AND hash = $4 AND damaged = 1
      ${device === null ? "" : "AND device = $5"}`;
    const values = [this.#vault, change.number, sequence, hash, ...(device === null ? [] : [device])];
    const [row] = await database.read(`SELECT 1 AS found FROM ${table} WHERE ${where}`, values);
    if (row === undefined) return;
    await database.transaction(async (transaction) => {
      await transaction.query(`UPDATE ${table} SET damaged = 0 WHERE ${where}`, values);
      await forgetLost(transaction, this.#vault, sequence);
    });
  }

  async #takeLost(sequence: number, found: FoundObject): Promise<void> {
    const { database, ledger } = this.#instance;
    const held = await this.#findChange(sequence, found);
    switch (held.kind) {
      case "change":
        await ledger.hold(this.#vault, () => ledger.rewrite(this.#vault, sequence, held.change));
        this.#said.take(sequence, held.change);
        this.#count.rewritten += 1;
        break;
      case "marked":
        await database.transaction((transaction) =>
          transaction.query(`UPDATE ${held.table} SET damaged = 1 WHERE vault = $1 AND sequence = $2`, [
            this.#vault,
            sequence,
          ]),
        );
        break;
      case "told":
        break;
      case "unexplained":
        this.#unexplained.push({ sequence, found });
    }
  }

  async #findChange(sequence: number, found: FoundObject): Promise<LostHolding> {
    if (found.kind === "damaged") {
      const { database, journal, blobs, keys } = this.#instance;
      const salvage = await salvageBytes({ database, journal, blobs, keys }, this.#vault, found.bytes);
      if (salvage.kind === "whole") return { kind: "change", change: salvage.change };
    }
    return readVaultChange(this.#instance.database, this.#vault, sequence);
  }

  /** Takes structures whose rows are spoilt out of their objects again; an envelope without one is asked for. */
  async #mendRows(): Promise<void> {
    const { database, journal } = this.#instance;
    for (const { table, column, hash } of await findSpoilt(database, this.#vault)) {
      const sequence = this.#said.structures.get(hash);
      const found = sequence === undefined ? null : await readObject(journal, this.#vault, sequence);
      const bytes = found?.kind === "whole" ? findStructure(found.change, hash) : null;
      if (bytes === null && table !== "envelopes") continue;
      const assignment = bytes === null ? "damaged = 1" : "bytes = $3";
      await database.transaction((transaction) =>
        transaction.query(`UPDATE ${table} SET ${assignment} WHERE vault = $1 AND ${column} = $2`, [
          this.#vault,
          hash,
          ...(bytes === null ? [] : [bytes]),
        ]),
      );
      if (bytes !== null) this.#count.rewritten += 1;
    }
  }

  /** Gives an object to everything that rows hold and no whole object says; only then the lost numbers are closed. */
  async #writeHeldByRows(): Promise<void> {
    const { database, ledger, journal } = this.#instance;
    await this.#mendRows();
    const mayBeFactor = this.#unexplained.length > 0 && !(await isFactorDoubtful(database, this.#vault));
    for (;;) {
      // Read under the account's lock: a code may have been used up in the meantime.
      const change = await ledger.change<AccountChange | null>(this.#vault, async () => {
        const [first = null] = await formatLost(database, this.#vault, this.#said, mayBeFactor);
        return { change: first, result: first };
      });
      if (change === null) break;
      this.#said.take(0, change);
      this.#count.rewritten += 1;
    }
    for (const { sequence, found } of this.#unexplained) {
      const change: AccountChange =
        found.kind === "damaged"
          ? { kind: "removed", reason: "replaced", hash: hashId(found.bytes) }
          : { kind: "empty", reason: "removed" };
      await journal.replace(this.#vault, sequence, encodeChange(this.#vault, sequence, change));
    }
  }
}

/** Structures whose bytes a row does not hold any more. */
async function findSpoilt(database: Database, vault: Id): Promise<Spoilt[]> {
  const spoilt: Spoilt[] = [];
  for (const [table, hash] of [
    ["envelopes", "hash"],
    ["rosters", "hash"],
    ["vault_objects", "tag"],
  ] as const) {
    const isServed = table === "envelopes" ? "damaged = 0" : "bytes IS NOT NULL";
    const rows = await database.read<{ hash: Id; bytes: Uint8Array }>(
      `SELECT ${hash} AS hash, bytes FROM ${table} WHERE vault = $1 AND ${isServed}`,
      [vault],
    );
    for (const row of rows) if (hashId(row.bytes) !== row.hash) spoilt.push({ table, column: hash, hash: row.hash });
  }
  return spoilt;
}

/** The bytes of this hash that the change carries. */
function findStructure(change: AccountChange, hash: Id): Uint8Array | null {
  const structures =
    change.kind === "account"
      ? [change.vaultObject, change.roster]
      : change.kind === "vault-object"
        ? [change.vaultObject]
        : change.kind === "roster"
          ? [change.roster]
          : change.kind === "epoch"
            ? [change.envelope]
            : [];
  return structures.find((bytes) => hashId(bytes) === hash) ?? null;
}

async function listVaults({ database, journal }: Instance): Promise<Set<Id>> {
  const rows = await database.read<{ vault: Id }>("SELECT vault FROM vaults ORDER BY vault");
  return new Set([...rows.map((row) => row.vault), ...(await journal.listVaults())]);
}

async function countDamaged({ database }: Instance): Promise<JournalScrub["damagedOf"]> {
  const damagedOf = new Map<Id, { records: number; envelopes: number; bases: number }>();
  for (const table of ["records", "envelopes", "bases"] as const) {
    const rows = await database.read<{ vault: Id; count: number }>(
      `SELECT vault, COUNT(*) AS count FROM ${table} WHERE damaged = 1 GROUP BY vault`,
    );
    for (const { vault, count } of rows) {
      damagedOf.set(vault, { ...(damagedOf.get(vault) ?? { records: 0, envelopes: 0, bases: 0 }), [table]: count });
    }
  }
  return damagedOf;
}

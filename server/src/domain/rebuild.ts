// Making rows from what the stores hold. Rule: everything that is needed to restore stands outside the database, so that
// a lost database is a delay and not a loss.

import type { Database, Transaction } from "./database.ts";
import type { Instance } from "./instance.ts";
import type { LedgerRecovery } from "./ledger.ts";
import { voidOpenings } from "./openings.ts";
import type { StoredBlob } from "./storage.ts";

export type Recovery = LedgerRecovery & { readonly blobs: number };

const BATCH = 500;

/** Says in a database that every blob which was stored before it was made has its row. */
const BLOBS_LISTED = "blobs-listed";
/** Says that every account's numbers are without gaps: from then on, nothing that this version does leaves one. */
const JOURNAL_LISTED = "journal-listed";

/** Before a server listens: rows for blobs when the database is new, then rows for objects that have none (P-71). */
export async function recoverRows(instance: Instance): Promise<Recovery> {
  const { database } = instance;
  const isNew = !(await hasMark(database, BLOBS_LISTED));
  const blobs = isNew ? await rebuildBlobRows(instance) : 0;
  const recovery = await instance.ledger.recover(isNew || !(await hasMark(database, JOURNAL_LISTED)));
  if (recovery.unsettled.length === 0) await instance.ballast.free(() => setMarks(database));
  // Rows about what ended or was used up may be lost with those that were made anew.
  if (recovery.changes > 0) {
    const nowMs = instance.now();
    await instance.ballast.free(() => database.transaction((transaction) => voidOpenings(transaction, nowMs)));
  }
  return { ...recovery, blobs };
}

async function hasMark(database: Database, name: string): Promise<boolean> {
  const [row] = await database.read("SELECT value FROM settings WHERE name = $1", [name]);
  return row !== undefined;
}

async function setMarks(database: Database): Promise<void> {
  if ((await hasMark(database, BLOBS_LISTED)) && (await hasMark(database, JOURNAL_LISTED))) return;
  await database.transaction(async (transaction) => {
    for (const name of [BLOBS_LISTED, JOURNAL_LISTED]) {
      await transaction.query("INSERT INTO settings (name, value) VALUES ($1, 'yes') ON CONFLICT (name) DO NOTHING", [
        name,
      ]);
    }
  });
}

/** Gives every stored blob a row again; which device wrote it, and hence its share, is not known any more. */
async function rebuildBlobRows(instance: Instance): Promise<number> {
  let count = 0;
  let batch: StoredBlob[] = [];
  const flush = async (): Promise<void> => {
    const rows = batch;
    batch = [];
    count += rows.length;
    if (rows.length > 0) await instance.database.transaction((transaction) => insertRows(transaction, rows));
  };
  for await (const blob of instance.blobs.list()) {
    batch.push(blob);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return count;
}

async function insertRows(transaction: Transaction, blobs: readonly StoredBlob[]): Promise<void> {
  for (const { vault, id, suffix, sizeBytes } of blobs) {
    await transaction.query(
      `INSERT INTO blobs (vault, id, suffix, size_bytes) VALUES ($1, $2, $3, $4) ON CONFLICT (vault, id) DO NOTHING`,
      [vault, id, suffix, sizeBytes],
    );
  }
}

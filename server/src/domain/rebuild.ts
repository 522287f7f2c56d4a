// Making rows from what the stores hold. Rule: everything that is needed to restore stands outside the database, so that
// a lost database is a delay and not a loss.

import type { Transaction } from "./database.ts";
import type { Instance } from "./instance.ts";
import type { StoredBlob } from "./storage.ts";

export type Recovery = { readonly blobs: number; readonly changes: number };

const BATCH = 500;

/** Before a server listens: rows for blobs when the database is new, then rows for objects that have none (P-71). */
export async function recoverRows(instance: Instance): Promise<Recovery> {
  const blobs = instance.database.isNew ? await rebuildBlobRows(instance) : 0;
  return { blobs, changes: await instance.ledger.recover() };
}

/** Gives every stored blob a row again; which device wrote it, and hence its share, is not known any more. */
export async function rebuildBlobRows(instance: Instance): Promise<number> {
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

// The rows of blobs that records and bases name. Rule: a blob's row is written while its account's row is held, so that of
// two processes each sees what the other wrote.

import { cutList, listPlaceholders, type Transaction } from "./database.ts";
import type { Id } from "./encodings.ts";
import type { NamedBlobs, Place } from "./named-blobs.ts";
import { addUsage } from "./usage-rows.ts";

/** What stands in the row of a blob that the store does not hold, until its device sends it again. */
const NOWHERE = { suffix: "", sizeBytes: 0 };

/** Holds the account's row until the transaction ends. */
export async function lockVault(transaction: Transaction, vault: Id): Promise<void> {
  await transaction.query(`UPDATE vaults SET sequence = sequence WHERE vault = $1`, [vault]);
}

/** Gives the named blobs their rows, counts their bytes, and counts them as needed, which ends their leases. */
export async function countNamedBlobs(
  transaction: Transaction,
  vault: Id,
  device: Id | null,
  named: NamedBlobs,
): Promise<void> {
  let addedBytes = 0;
  for (const [id, place] of named.fresh) {
    const { suffix, sizeBytes } = place ?? NOWHERE;
    const rows = await transaction.query(
      `INSERT INTO blobs (vault, id, suffix, size_bytes, device, damaged) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (vault, id) DO NOTHING RETURNING id`,
      [vault, id, suffix, sizeBytes, device, place === null ? 1 : 0],
    );
    if (rows.length > 0) addedBytes += sizeBytes;
  }
  if (addedBytes > 0) await addUsage(transaction, vault, device, addedBytes);
  for (const [id, { suffix, place }] of named.moved) await moveRow(transaction, vault, id, suffix, place);
  await markReferenced(transaction, vault, named.ids);
  await noteVanished(transaction, vault, device, named.ids);
}

/** Rows that another process's collector removed after they were looked up: their blobs are asked for again. */
async function noteVanished(transaction: Transaction, vault: Id, device: Id | null, ids: readonly Id[]): Promise<void> {
  for (const piece of cutList(ids)) {
    const rows = await transaction.query<{ id: Id }>(
      `SELECT id FROM blobs WHERE vault = $1 AND id IN (${listPlaceholders(2, piece.length)})`,
      [vault, ...piece],
    );
    if (rows.length === piece.length) continue;
    const present = new Set(rows.map((row) => row.id));
    for (const id of piece.filter((each) => !present.has(each))) {
      await transaction.query(
        `INSERT INTO blobs (vault, id, suffix, size_bytes, device, damaged, referenced) VALUES ($1, $2, $3, $4, $5, 1, 1)
          ON CONFLICT (vault, id) DO NOTHING`,
        [vault, id, NOWHERE.suffix, NOWHERE.sizeBytes, device],
      );
    }
  }
}

/**
 * Names another file in the row of a blob whose own one is gone or altered, or marks it damaged when there is none; false
 * when the row names another file by now. The account's row is held (lockVault).
 */
export async function moveRow(
  transaction: Transaction,
  vault: Id,
  id: Id,
  suffix: string,
  place: Place,
): Promise<boolean> {
  const [row] = await transaction.query<{ size_bytes: number; device: Id | null }>(
    `SELECT size_bytes, device FROM blobs WHERE vault = $1 AND id = $2 AND suffix = $3`,
    [vault, id, suffix],
  );
  if (row === undefined) return false;
  const to = place ?? { suffix, sizeBytes: row.size_bytes };
  await transaction.query(
    `UPDATE blobs SET suffix = $4, size_bytes = $5, damaged = $6 WHERE vault = $1 AND id = $2 AND suffix = $3`,
    [vault, id, suffix, to.suffix, to.sizeBytes, place === null ? 1 : 0],
  );
  // A row that was made for a lost blob did not know its size.
  const addedBytes = to.sizeBytes - row.size_bytes;
  if (addedBytes !== 0) await addUsage(transaction, vault, row.device, addedBytes);
  return true;
}

/** Counts blobs as needed by a record or base, which ends their leases. */
export async function markReferenced(transaction: Transaction, vault: Id, ids: readonly Id[]): Promise<void> {
  for (const piece of cutList(ids)) {
    await transaction.query(
      `UPDATE blobs SET referenced = 1, passes = 0
        WHERE vault = $1 AND referenced = 0 AND id IN (${listPlaceholders(2, piece.length)})`,
      [vault, ...piece],
    );
  }
}

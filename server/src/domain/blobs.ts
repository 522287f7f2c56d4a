// Blobs: storing, asking, reading (P-40 to P-43, P-70). Rule: a row names only bytes that are durable and hash to the
// blob's id.

import type { Readable } from "node:stream";
import { guardRange, guardWhole, repairBlob } from "./blob-repair.ts";
import { lockVault } from "./blob-rows.ts";
import { type Caller, requireStanding } from "./callers.ts";
import { cutList, listPlaceholders, type Transaction } from "./database.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { malformed, Refusal } from "./refusal.ts";
import { type Arrival, type ByteRange, StorageFull, type StoredBlob } from "./storage.ts";
import { addUsage } from "./usage-rows.ts";

type BlobRow = { suffix: string; size_bytes: number; damaged: number };

/** Stores a body of exactly `sizeBytes`; Refusals `not-the-named-bytes`, `quota-exceeded`, `malformed`, `unauthorized`. */
export async function putBlob(
  instance: Instance,
  caller: Caller,
  id: Id,
  sizeBytes: number,
  body: AsyncIterable<Uint8Array>,
): Promise<"created" | "repeated"> {
  const { vault, device } = caller;
  const known = await readRow(instance, vault, id);
  const reservation = await instance.quotas.reserve(vault, device, Math.max(0, sizeBytes - (known?.size_bytes ?? 0)));
  try {
    const again = instance.quotas.holdAgain(vault, known === null ? 0 : sizeBytes);
    try {
      const arrival = await instance.blobs.receive(body);
      try {
        return await keepArrival(instance, caller, id, sizeBytes, arrival);
      } finally {
        await arrival.discard();
      }
    } finally {
      again.release();
    }
  } finally {
    reservation.release();
  }
}

/** Those of `ids` that the vault lacks or holds damaged, in their order; the lease of the others starts anew (P-43). */
export async function findMissing(instance: Instance, vault: Id, ids: readonly Id[]): Promise<Id[]> {
  const present = new Set<Id>();
  for (const piece of cutList(ids)) {
    const rows = await instance.database.read<{ id: Id; passes: number }>(
      `SELECT id, passes FROM blobs WHERE vault = $1 AND damaged = 0 AND id IN (${listPlaceholders(2, piece.length)})`,
      [vault, ...piece],
    );
    const condemned = rows.filter((row) => row.passes > 0).map((row) => row.id);
    const revived = new Set(condemned.length === 0 ? [] : await reviveBlobs(instance, vault, condemned));
    for (const row of rows) if (row.passes === 0 || revived.has(row.id)) present.add(row.id);
  }
  return ids.filter((id) => !present.has(id));
}

/** The blob's size, and whether it is whole as far as is known; Refusal `not-found` when the vault lacks it. */
export async function readBlobSize(
  instance: Instance,
  vault: Id,
  id: Id,
): Promise<{ readonly sizeBytes: number; readonly isDamaged: boolean }> {
  const row = await readRow(instance, vault, id);
  if (row === null) throw new Refusal("not-found");
  return { sizeBytes: row.size_bytes, isDamaged: row.damaged === 1 };
}

/**
 * The blob's bytes, or a range of them; Refusal `not-found` when the vault lacks it. A damaged blob is given in ranges
 * alone, whose parts the client verifies: what is left of it can still be restored.
 */
export async function openBlob(instance: Instance, vault: Id, id: Id, range: ByteRange | null): Promise<Readable> {
  // A repeated PUT deletes the old name after its commit: then the row names the new one.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const row = await readRow(instance, vault, id);
    if (row === null || (row.damaged === 1 && range === null)) break;
    const stored = nameBlob(vault, id, row);
    const body = await instance.blobs.open(stored, range);
    if (body === null) {
      if ((await repairBlob(instance, stored)) === "damaged") break;
      continue;
    }
    return range === null ? guardWhole(instance, stored, body) : guardRange(body, range.last - range.first + 1);
  }
  throw new Refusal("not-found");
}

/** A stretch of a blob's file as it is now; null when the vault lacks the blob, it is damaged, or the stretch lies behind its end. */
export async function openStored(
  instance: Instance,
  vault: Id,
  id: Id,
  first: number,
  most: number,
): Promise<{ readonly stored: StoredBlob; readonly body: Readable | null; readonly sizeBytes: number } | null> {
  const row = await readRow(instance, vault, id);
  if (row === null || row.damaged === 1 || first >= row.size_bytes) return null;
  const sizeBytes = Math.min(most, row.size_bytes - first);
  const stored = nameBlob(vault, id, row);
  return { stored, body: await instance.blobs.open(stored, { first, last: first + sizeBytes - 1 }), sizeBytes };
}

async function keepArrival(
  instance: Instance,
  caller: Caller,
  id: Id,
  sizeBytes: number,
  arrival: Arrival,
): Promise<"created" | "repeated"> {
  const { vault } = caller;
  if (arrival.sizeBytes !== sizeBytes) throw malformed("the body is not as long as announced");
  if (arrival.hash !== id) throw new Refusal("not-the-named-bytes", "the body's SHA-256 is not the id");
  const suffix = await arrival.keep(vault, id);
  const stored: StoredBlob = { vault, id, suffix, sizeBytes };
  let mayBeCommitted = false;
  let replaced: BlobRow | null;
  try {
    replaced = await instance.database.transaction(async (transaction) => {
      const before = await writeRow(transaction, caller, stored);
      mayBeCommitted = true;
      return before;
    });
  } catch (error) {
    // Whether the commit came through is not known: the row may name the new file, or the old one. What no row names is
    // removed as a stray.
    if (mayBeCommitted && !(error instanceof StorageFull)) throw error;
    if ((await readRow(instance, vault, id))?.suffix !== suffix) await instance.blobs.remove(stored);
    throw error;
  }
  if (replaced === null) return "created";
  await instance.blobs.remove(nameBlob(vault, id, replaced));
  return "repeated";
}

/** Names the new file in the blob's row and gives what the row named before. */
async function writeRow(transaction: Transaction, caller: Caller, stored: StoredBlob): Promise<BlobRow | null> {
  const { vault, id, suffix, sizeBytes } = stored;
  // Of two equal uploads at once, by any processes, the second reads what the first wrote.
  await lockVault(transaction, vault);
  await requireStanding(transaction, caller);
  const [before] = await transaction.query<BlobRow>(
    `SELECT suffix, size_bytes, damaged FROM blobs WHERE vault = $1 AND id = $2`,
    [vault, id],
  );
  await transaction.query(
    `INSERT INTO blobs (vault, id, suffix, size_bytes, device) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (vault, id)
      DO UPDATE SET suffix = excluded.suffix, size_bytes = excluded.size_bytes, damaged = 0, passes = 0`,
    [vault, id, suffix, sizeBytes, caller.device],
  );
  // The row of a blob that was lost did not know its size.
  const addedBytes = sizeBytes - (before?.size_bytes ?? 0);
  if (addedBytes !== 0) await addUsage(transaction, vault, caller.device, addedBytes);
  return before ?? null;
}

/** Starts the leases anew and says which of the blobs were still there to have one. */
async function reviveBlobs(instance: Instance, vault: Id, ids: readonly Id[]): Promise<Id[]> {
  const rows = await instance.database.transaction((transaction) =>
    transaction.query<{ id: Id }>(
      `UPDATE blobs SET passes = 0 WHERE vault = $1 AND damaged = 0
        AND id IN (${listPlaceholders(2, ids.length)}) RETURNING id`,
      [vault, ...ids],
    ),
  );
  return rows.map((row) => row.id);
}

async function readRow(instance: Instance, vault: Id, id: Id): Promise<BlobRow | null> {
  const [row] = await instance.database.read<BlobRow>(
    `SELECT suffix, size_bytes, damaged FROM blobs WHERE vault = $1 AND id = $2`,
    [vault, id],
  );
  return row ?? null;
}

function nameBlob(vault: Id, id: Id, row: BlobRow): StoredBlob {
  return { vault, id, suffix: row.suffix, sizeBytes: row.size_bytes };
}

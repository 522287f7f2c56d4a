// Which blobs a record or base needs, and which of them are not durable (P-52, P-60). Rule: reference blobs are followed
// one level; a damaged blob counts as missing; however many ids there are, others are served in between.

import { setImmediate } from "node:timers/promises";
import { repairBlob } from "./blob-repair.ts";
import { cutList, type Database, listPlaceholders } from "./database.ts";
import { cutReferenceBlob, REFERENCE_BYTES } from "./device-structures.ts";
import { hashId, type Id } from "./encodings.ts";
import { malformed } from "./refusal.ts";
import type { BlobStore, StoredBlob } from "./storage.ts";

export type Need = { readonly blobs: readonly Id[]; readonly referenceBlobs: readonly Id[] };

type Stores = { readonly database: Database; readonly blobs: BlobStore };

/** At most this many missing ids are named (P-52). */
export const MAX_MISSING = 1_000;
/** Ids that are looked up in one go. */
const IDS_A_STEP = 500;

/**
 * The ids that the vault lacks or holds damaged, at most 1,000; Refusal `malformed` for a bad reference blob, and for
 * reference blobs with more than `maxIds` ids together.
 */
export async function listLacking(stores: Stores, vault: Id, need: Need, maxIds: number): Promise<Id[]> {
  const missing: Id[] = [];
  for (const piece of cutList([...need.blobs, ...need.referenceBlobs], IDS_A_STEP)) {
    missing.push(...(await listAbsent(stores.database, vault, piece)));
  }
  await requireFew(stores.database, vault, need.referenceBlobs, maxIds);
  const present = need.referenceBlobs.filter((id) => !missing.includes(id));
  for (const reference of present) {
    if (missing.length >= MAX_MISSING) break;
    const bytes = await readReferenceBlob(stores, vault, reference);
    if (bytes === null) missing.push(reference);
    else missing.push(...(await listAbsentIn(stores.database, vault, bytes)));
  }
  return missing.slice(0, MAX_MISSING);
}

/** Counts by the sizes of the reference blobs, before one of them is read. */
async function requireFew(database: Database, vault: Id, referenceBlobs: readonly Id[], maxIds: number): Promise<void> {
  if (referenceBlobs.length === 0) return;
  const [row] = await database.read<{ total: number }>(
    `SELECT COALESCE(SUM(size_bytes), 0) AS total FROM blobs
      WHERE vault = $1 AND id IN (${listPlaceholders(2, referenceBlobs.length)})`,
    [vault, ...referenceBlobs],
  );
  if ((row?.total ?? 0) > maxIds * REFERENCE_BYTES) {
    throw malformed(`the reference blobs of one record or base name at most ${maxIds} ids`);
  }
}

/** Those ids of a reference blob that the vault lacks; no more than make the answer full. */
async function listAbsentIn(database: Database, vault: Id, bytes: Uint8Array): Promise<Id[]> {
  const absent: Id[] = [];
  for (const piece of cutReferenceBlob(bytes, IDS_A_STEP)) {
    absent.push(...(await listAbsent(database, vault, piece)));
    if (absent.length >= MAX_MISSING) break;
    await setImmediate();
  }
  return absent;
}

/** Those of `ids`, which are few, that the vault does not hold whole. */
async function listAbsent(database: Database, vault: Id, ids: readonly Id[]): Promise<Id[]> {
  const where = `vault = $1 AND damaged = 0 AND id IN (${listPlaceholders(2, ids.length)})`;
  const values = [vault, ...ids];
  // Nearly always all are there, and a number is had sooner than rows.
  const [counted] = await database.read<{ count: number }>(
    `SELECT COUNT(*) AS count FROM blobs WHERE ${where}`,
    values,
  );
  if (counted?.count === ids.length) return [];
  const rows = await database.read<{ id: Id }>(`SELECT id FROM blobs WHERE ${where}`, values);
  const present = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !present.has(id));
}

/** Null when the vault lacks it, or holds it damaged, which may be found out only now. */
async function readReferenceBlob(stores: Stores, vault: Id, id: Id): Promise<Uint8Array | null> {
  const [row] = await stores.database.read<{ suffix: string; size_bytes: number }>(
    `SELECT suffix, size_bytes FROM blobs WHERE vault = $1 AND id = $2 AND damaged = 0`,
    [vault, id],
  );
  if (row === undefined) return null;
  const stored: StoredBlob = { vault, id, suffix: row.suffix, sizeBytes: row.size_bytes };
  const bytes = await stores.blobs.read(stored);
  if (bytes !== null && hashId(bytes) === id) return bytes;
  const repair = await repairBlob(stores, stored);
  return repair === "damaged" ? null : readReferenceBlob(stores, vault, id);
}

// Which blobs a record or base needs, and which of them are not durable (P-52, P-60). Rule: reference blobs are followed
// one level; a damaged blob counts as missing.

import { setImmediate } from "node:timers/promises";
import { repairBlob } from "./blob-repair.ts";
import { cutList, type Database, listPlaceholders } from "./database.ts";
import { parseReferenceBlob } from "./device-structures.ts";
import { hashId, type Id } from "./encodings.ts";
import type { BlobStore, StoredBlob } from "./storage.ts";

export type Need = { readonly blobs: readonly Id[]; readonly referenceBlobs: readonly Id[] };

/** At most this many missing ids are named (P-52). */
export const MAX_MISSING = 1_000;

/** The ids that the vault holds whole, and those it lacks (at most 1,000); Refusal `malformed` for a bad reference blob. */
export async function followReferences(
  database: Database,
  blobs: BlobStore,
  vault: Id,
  need: Need,
): Promise<{ found: Id[]; missing: Id[] }> {
  const found: Id[] = [];
  const missing: Id[] = [];
  const named = [...need.blobs, ...need.referenceBlobs];
  sortOut(named, await readPresent(database, vault, named), found, missing);
  for (const reference of need.referenceBlobs) {
    if (missing.length >= MAX_MISSING) break;
    const ids = await readReferenceBlob(database, blobs, vault, reference);
    if (ids === null) {
      moveTo(missing, found, reference);
      continue;
    }
    sortOut(ids, await readPresent(database, vault, ids), found, missing);
  }
  return { found, missing: missing.slice(0, MAX_MISSING) };
}

/** Those of `ids` that the vault holds whole. */
async function readPresent(database: Database, vault: Id, ids: readonly Id[]): Promise<Set<Id>> {
  const present = new Set<Id>();
  for (const piece of cutList(ids)) {
    const rows = await database.read<{ id: Id }>(
      `SELECT id FROM blobs WHERE vault = $1 AND damaged = 0 AND id IN (${listPlaceholders(2, piece.length)})`,
      [vault, ...piece],
    );
    for (const row of rows) present.add(row.id);
    // A reference blob may name 262,144 ids: others are served in between.
    if (ids.length > piece.length) await setImmediate();
  }
  return present;
}

/** Null when the vault lacks it, or holds it damaged, which may be found out only now. */
async function readReferenceBlob(database: Database, blobs: BlobStore, vault: Id, id: Id): Promise<Id[] | null> {
  const [row] = await database.read<{ suffix: string; size_bytes: number }>(
    `SELECT suffix, size_bytes FROM blobs WHERE vault = $1 AND id = $2 AND damaged = 0`,
    [vault, id],
  );
  if (row === undefined) return null;
  const stored: StoredBlob = { vault, id, suffix: row.suffix, sizeBytes: row.size_bytes };
  const bytes = await blobs.read(stored);
  if (bytes !== null && hashId(bytes) === id) return parseReferenceBlob(bytes);
  const repair = await repairBlob({ database, blobs }, stored);
  return repair === "damaged" ? null : readReferenceBlob(database, blobs, vault, id);
}

function moveTo(missing: Id[], found: Id[], id: Id): void {
  const index = found.indexOf(id);
  if (index < 0) return;
  found.splice(index, 1);
  missing.push(id);
}

function sortOut(ids: readonly Id[], present: ReadonlySet<Id>, found: Id[], missing: Id[]): void {
  for (const id of ids) (present.has(id) ? found : missing).push(id);
}

// What is done about a blob whose file is gone or altered (P-42, P-43): another file of that id that hashes right is taken,
// or the row is marked, so that `missing` and the head ask for it. Rule: a row is touched only while it names the file that
// was looked at, and never for an error of the store.

import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { findWholeFile, isWhole } from "./blob-files.ts";
import { lockVault, moveRow } from "./blob-rows.ts";
import type { Database } from "./database.ts";
import { Refusal } from "./refusal.ts";
import { type BlobStore, StorageFull, type StoredBlob } from "./storage.ts";

type Stores = { readonly database: Database; readonly blobs: BlobStore };

/** `whole`: a second look found nothing wrong. `adopted`, `changed`: the row names another file now. */
export type Repair = "whole" | "adopted" | "changed" | "damaged";

/** Reads the file again, and mends or marks its row when it is still not whole. */
export async function repairBlob({ database, blobs }: Stores, stored: StoredBlob): Promise<Repair> {
  if (await isWhole(blobs, stored)) return "whole";
  const { vault, id, suffix } = stored;
  const other = await findWholeFile(blobs, vault, id, suffix);
  try {
    const isMoved = await database.transaction(async (transaction) => {
      await lockVault(transaction, vault);
      return moveRow(transaction, vault, id, suffix, other);
    });
    if (!isMoved) return "changed";
  } catch (error) {
    // Reading needs no room: whoever reads it next marks it.
    if (!(error instanceof StorageFull)) throw error;
    return "damaged";
  }
  if (other === null) return "damaged";
  // The sweep of strays may have been about to remove it.
  return (await isWhole(blobs, other)) ? "adopted" : repairBlob({ database, blobs }, other);
}

/**
 * Hands the bytes of a whole blob on, and breaks off before the last of them when they turn out short or altered: where no
 * byte has left yet that is an answer.
 */
export function guardWhole(stores: Stores, stored: StoredBlob, body: Readable): Readable {
  return Readable.from(checkWhole(stores, stored, body), { objectMode: false });
}

/** Hands `sizeBytes` of a range on, and breaks off when there are fewer. */
export function guardRange(body: Readable, sizeBytes: number): Readable {
  return Readable.from(checkLength(body, sizeBytes), { objectMode: false });
}

async function* checkWhole(stores: Stores, stored: StoredBlob, body: Readable): AsyncIterable<Uint8Array> {
  const hash = createHash("sha256");
  let held: Uint8Array | null = null;
  for await (const piece of body) {
    if (held !== null) yield held;
    held = piece as Uint8Array;
    hash.update(held);
  }
  if (hash.digest("hex") !== stored.id) {
    // Read well the second time, or from another file by now: asking again gives it.
    throw new Refusal((await repairBlob(stores, stored)) === "damaged" ? "not-found" : "busy");
  }
  if (held !== null) yield held;
}

async function* checkLength(body: Readable, sizeBytes: number): AsyncIterable<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of body) {
    left -= (piece as Uint8Array).length;
    yield piece as Uint8Array;
  }
  if (left !== 0) throw new Refusal("not-found");
}

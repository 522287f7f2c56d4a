// Looking whether what is stored is still what it was. Rule: a damaged blob is marked, never removed; its owner's device
// sends it again (P-40, P-41). What cannot be read for an error of the store is told, and not called damaged.

import { findWholeFile, isWhole } from "./blob-files.ts";
import { repairBlob } from "./blob-repair.ts";
import type { Database } from "./database.ts";
import type { Id } from "./encodings.ts";
import { readObject } from "./journal-objects.ts";
import { type BlobStore, type Journal, type StoredBlob, StoreUnavailable } from "./storage.ts";

export type BlobScrub = {
  readonly blobs: number;
  readonly bytes: number;
  /** Damaged ones that a record, a base or a lease needs. */
  readonly damaged: number;
  /** Damaged ones that nothing needs any more: the collector removes them. */
  readonly unneeded: number;
  /** Those whose row took another file that is whole. */
  readonly mended: number;
  readonly unreadable: number;
  /** Those of `damaged` by account. */
  readonly damagedOf: ReadonlyMap<Id, number>;
};

/** What a look at the files alone can tell. */
export type BareScrub = {
  readonly blobs: number;
  readonly bytes: number;
  readonly objects: number;
  readonly damagedBlobs: number;
  readonly damagedObjects: number;
  readonly unreadable: number;
};

type Stores = { readonly database: Database; readonly blobs: BlobStore };
type BlobRow = { vault: Id; id: Id; suffix: string; size_bytes: number; referenced: number; passes: number };

const PAGE = 500;
/** A lease holds for 24 hours (P-43): the third pass may come sooner than that, and no later one. */
const LEASED_PASSES = 2;

/** Reads every blob and marks those whose bytes are gone or do not hash to their id. */
export async function scrubBlobs(stores: Stores): Promise<BlobScrub> {
  const count = { blobs: 0, bytes: 0, unneeded: 0, mended: 0, unreadable: 0 };
  const damagedOf = new Map<Id, number>();
  let last: { vault: string; id: string } = { vault: "", id: "" };
  for (;;) {
    const rows = await stores.database.read<BlobRow>(
      `SELECT vault, id, suffix, size_bytes, referenced, passes FROM blobs WHERE vault > $1 OR (vault = $1 AND id > $2)
        ORDER BY vault, id LIMIT ${PAGE}`,
      [last.vault, last.id],
    );
    for (const row of rows) {
      count.blobs += 1;
      count.bytes += row.size_bytes;
      switch (await lookAtRow(stores, row)) {
        case "whole":
        case "changed":
          break;
        case "adopted":
          count.mended += 1;
          break;
        case "unreadable":
          count.unreadable += 1;
          break;
        case "damaged":
          if (row.referenced === 1 || row.passes <= LEASED_PASSES) {
            damagedOf.set(row.vault, (damagedOf.get(row.vault) ?? 0) + 1);
          } else count.unneeded += 1;
      }
    }
    const end = rows.at(-1);
    if (end === undefined) break;
    last = end;
  }
  const damaged = [...damagedOf.values()].reduce((sum, number) => sum + number, 0);
  return { ...count, damaged, damagedOf };
}

/** Checks the files of stores without a database by their own names and hashes; nothing is marked. */
export async function scrubFiles(blobs: BlobStore, journal: Journal): Promise<BareScrub> {
  const count = { blobs: 0, bytes: 0, objects: 0, damagedBlobs: 0, damagedObjects: 0, unreadable: 0 };
  for await (const stored of blobs.list()) {
    count.blobs += 1;
    count.bytes += stored.sizeBytes;
    // An upload that was replaced may have left a file behind: a whole one of the same id stands for both.
    const found = await lookTwice(
      blobs,
      async () =>
        (await isWhole(blobs, stored)) || (await findWholeFile(blobs, stored.vault, stored.id, stored.suffix)) !== null,
    );
    if (found === "unreadable") count.unreadable += 1;
    if (found === "damaged") count.damagedBlobs += 1;
  }
  for (const vault of await journal.listVaults()) {
    for (const sequence of await journal.list(vault)) {
      count.objects += 1;
      const found = await lookTwice(journal, async () => (await readObject(journal, vault, sequence)).kind === "whole");
      if (found === "unreadable") count.unreadable += 1;
      if (found === "damaged") count.damagedObjects += 1;
    }
  }
  return count;
}

async function lookAtRow(
  stores: Stores,
  row: BlobRow,
): Promise<"whole" | "changed" | "adopted" | "damaged" | "unreadable"> {
  const stored: StoredBlob = { vault: row.vault, id: row.id, suffix: row.suffix, sizeBytes: row.size_bytes };
  try {
    return (await isWhole(stores.blobs, stored)) ? "whole" : await repairBlob(stores, stored);
  } catch (error) {
    return nameUnreadable(stores.blobs, error);
  }
}

/** Damaged is what two looks found so. */
async function lookTwice(
  store: BlobStore | Journal,
  look: () => Promise<boolean>,
): Promise<"whole" | "damaged" | "unreadable"> {
  try {
    return (await look()) || (await look()) ? "whole" : "damaged";
  } catch (error) {
    return nameUnreadable(store, error);
  }
}

/** A file that the disk does not give is one thing, a disk that is gone another: that ends the work. */
async function nameUnreadable(store: BlobStore | Journal, error: unknown): Promise<"unreadable"> {
  const isSystems = error instanceof StoreUnavailable || (error instanceof Error && "syscall" in error);
  if (!isSystems) throw error;
  await store.check();
  return "unreadable";
}

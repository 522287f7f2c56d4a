// Where the blobs are that a record or base names, while its object is applied (P-71). Rule: the object is the commit, so
// nothing here refuses: what the store does not hold gets a damaged row, and its device sends it again.

import { setImmediate } from "node:timers/promises";
import { findWholeFile } from "./blob-files.ts";
import { countNamedBlobs, lockVault } from "./blob-rows.ts";
import { cutList, type Database, listPlaceholders } from "./database.ts";
import { cutReferenceBlob } from "./device-structures.ts";
import { hashId, type Id } from "./encodings.ts";
import type { Need } from "./references.ts";
import { Refusal } from "./refusal.ts";
import type { BlobStore, StoredBlob } from "./storage.ts";

/** A file of the store for an id; null when the store holds none. */
export type Place = StoredBlob | null;

/** What the rows of the named blobs must become. */
export type NamedBlobs = {
  /** The ids that are named and that no row counts as needed yet. */
  readonly ids: readonly Id[];
  /** Ids that have no row, and their files. */
  readonly fresh: ReadonlyMap<Id, Place>;
  /** Ids whose row names a file that is gone or altered: what it names, and another file. */
  readonly moved: ReadonlyMap<Id, { readonly suffix: string; readonly place: Place }>;
};

export const NO_BLOBS: NamedBlobs = { ids: [], fresh: new Map(), moved: new Map() };

type Stores = { readonly database: Database; readonly blobs: BlobStore };
type Row = { id: Id; suffix: string; size_bytes: number; damaged: number; referenced: number };

/** Ids whose rows one statement reads, or one transaction writes: others are served in between. */
const IDS_A_STEP = 500;
const IDS_A_TRANSACTION = 4_000;

/**
 * Looks the named blobs up: rows first, then the store for ids without one. With `mayTrustRows` false (the database may be
 * older than the store) the files of the rows are looked at too. What reference blobs name gets its rows at once, in
 * transactions of bounded length: the durable object needs them, whatever becomes of its own rows. The rest is returned.
 */
export async function locateBlobs(
  stores: Stores,
  vault: Id,
  device: Id | null,
  need: Need,
  mayTrustRows: boolean,
): Promise<NamedBlobs> {
  const search = new Search(stores, vault, mayTrustRows);
  await search.look(need.blobs);
  const places = await search.look(need.referenceBlobs);
  for (const id of need.referenceBlobs) await search.follow(id, places.get(id) ?? null, device);
  return search.found;
}

class Search {
  readonly #stores: Stores;
  readonly #vault: Id;
  readonly #mayTrustRows: boolean;
  readonly #ids: Id[] = [];
  readonly #fresh = new Map<Id, Place>();
  readonly #moved = new Map<Id, { suffix: string; place: Place }>();

  constructor(stores: Stores, vault: Id, mayTrustRows: boolean) {
    this.#stores = stores;
    this.#vault = vault;
    this.#mayTrustRows = mayTrustRows;
  }

  get found(): NamedBlobs {
    return { ids: this.#ids, fresh: this.#fresh, moved: this.#moved };
  }

  /** Finds where each id's bytes are; those that are whole by row or file. */
  async look(ids: readonly Id[]): Promise<Map<Id, StoredBlob>> {
    const places = new Map<Id, StoredBlob>();
    for (const piece of cutList(ids, IDS_A_STEP)) {
      const rows = await this.#stores.database.read<Row>(
        `SELECT id, suffix, size_bytes, damaged, referenced FROM blobs
          WHERE vault = $1 AND id IN (${listPlaceholders(2, piece.length)})`,
        [this.#vault, ...piece],
      );
      const rowsById = new Map(rows.map((row) => [row.id, row]));
      for (const id of piece) {
        const row = rowsById.get(id);
        const place = await this.#locate(id, row);
        if (place !== null) places.set(id, place);
        // A row that is needed already is never removed.
        if (row?.referenced !== 1) this.#ids.push(id);
      }
      await setImmediate();
    }
    return places;
  }

  /** Gives the ids in a reference blob their rows; one that cannot be read is damaged itself, and stops nothing. */
  async follow(id: Id, place: Place, device: Id | null): Promise<void> {
    if (place === null) return;
    const bytes = await this.#stores.blobs.read(place);
    if (bytes !== null && hashId(bytes) === id) {
      for (const piece of cutIds(bytes)) await this.#count(piece, device);
      return;
    }
    const other = await findWholeFile(this.#stores.blobs, this.#vault, id, place.suffix);
    if (this.#fresh.has(id)) this.#fresh.set(id, other);
    else this.#moved.set(id, { suffix: place.suffix, place: other });
    if (other !== null) await this.follow(id, other, device);
  }

  async #count(ids: readonly Id[], device: Id | null): Promise<void> {
    if (this.#mayTrustRows && (await this.#isCounted(ids))) return;
    const search = new Search(this.#stores, this.#vault, this.#mayTrustRows);
    await search.look(ids);
    const { found } = search;
    if (found.ids.length + found.fresh.size + found.moved.size === 0) return;
    await this.#stores.database.transaction(async (transaction) => {
      await lockVault(transaction, this.#vault);
      await countNamedBlobs(transaction, this.#vault, device, found);
    });
  }

  /** Whether every one has a row that is needed already: a later record names mostly what an earlier one named. */
  async #isCounted(ids: readonly Id[]): Promise<boolean> {
    for (const piece of cutList(ids, IDS_A_STEP)) {
      const [row] = await this.#stores.database.read<{ count: number }>(
        `SELECT COUNT(*) AS count FROM blobs
          WHERE vault = $1 AND referenced = 1 AND id IN (${listPlaceholders(2, piece.length)})`,
        [this.#vault, ...piece],
      );
      if (row?.count !== piece.length) return false;
      await setImmediate();
    }
    return true;
  }

  async #locate(id: Id, row: Row | undefined): Promise<Place> {
    const { blobs } = this.#stores;
    if (row === undefined) {
      const files = await blobs.find(this.#vault, id);
      const [only = null] = files;
      const place = files.length > 1 ? await findWholeFile(blobs, this.#vault, id, null) : only;
      this.#fresh.set(id, place);
      return place;
    }
    const stored: StoredBlob = { vault: this.#vault, id, suffix: row.suffix, sizeBytes: row.size_bytes };
    if (row.damaged === 0 && (this.#mayTrustRows || (await blobs.has(stored)))) return stored;
    if (this.#mayTrustRows) return null;
    const place = await findWholeFile(blobs, this.#vault, id, row.suffix);
    this.#moved.set(id, { suffix: row.suffix, place });
    return place;
  }
}

function cutIds(bytes: Uint8Array): Iterable<Id[]> {
  try {
    return cutReferenceBlob(bytes, IDS_A_TRANSACTION);
  } catch (error) {
    // Its bytes are what their device sent: sending them again would not help.
    if (error instanceof Refusal) return [];
    throw error;
  }
}

// Where the blobs are that a record or base names, while its object is applied (P-71). Rule: the object is the commit, so
// nothing here refuses: what the store does not hold gets a damaged row, and its device sends it again.

import { setImmediate } from "node:timers/promises";
import { findWholeFile } from "./blob-files.ts";
import { cutList, type Database, listPlaceholders } from "./database.ts";
import { parseReferenceBlob } from "./device-structures.ts";
import { hashId, type Id } from "./encodings.ts";
import type { Need } from "./references.ts";
import { Refusal } from "./refusal.ts";
import type { BlobStore, StoredBlob } from "./storage.ts";

/** A file of the store for an id; null when the store holds none. */
export type Place = StoredBlob | null;

/** What the rows of the named blobs must become. */
export type NamedBlobs = {
  /** Every id that is named, in reference blobs too. */
  readonly ids: readonly Id[];
  /** Ids that have no row, and their files. */
  readonly fresh: ReadonlyMap<Id, Place>;
  /** Ids whose row names a file that is gone or altered: what it names, and another file. */
  readonly moved: ReadonlyMap<Id, { readonly suffix: string; readonly place: Place }>;
};

export const NO_BLOBS: NamedBlobs = { ids: [], fresh: new Map(), moved: new Map() };

type Stores = { readonly database: Database; readonly blobs: BlobStore };
type Row = { id: Id; suffix: string; size_bytes: number; damaged: number };

/**
 * Looks the named blobs up: rows first, then the store for ids without one. With `mayTrustRows` false (the database may be
 * older than the store) the files of the rows are looked at too.
 */
export async function locateBlobs(stores: Stores, vault: Id, need: Need, mayTrustRows: boolean): Promise<NamedBlobs> {
  const search = new Search(stores, vault, mayTrustRows);
  await search.look(need.blobs);
  const places = await search.look(need.referenceBlobs);
  for (const id of need.referenceBlobs) await search.follow(id, places.get(id) ?? null);
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
    for (const piece of cutList(ids)) {
      const rows = await this.#stores.database.read<Row>(
        `SELECT id, suffix, size_bytes, damaged FROM blobs WHERE vault = $1 AND id IN (${listPlaceholders(2, piece.length)})`,
        [this.#vault, ...piece],
      );
      const rowsById = new Map(rows.map((row) => [row.id, row]));
      for (const id of piece) {
        const place = await this.#locate(id, rowsById.get(id));
        if (place !== null) places.set(id, place);
        this.#ids.push(id);
      }
      // A reference blob may name 262,144 ids: others are served in between.
      await setImmediate();
    }
    return places;
  }

  /** Looks up the ids in a reference blob; one that cannot be read is damaged itself, and stops nothing. */
  async follow(id: Id, place: Place): Promise<void> {
    if (place === null) return;
    const bytes = await this.#stores.blobs.read(place);
    if (bytes !== null && hashId(bytes) === id) {
      await this.look(readIds(bytes));
      return;
    }
    const other = await findWholeFile(this.#stores.blobs, this.#vault, id, place.suffix);
    if (this.#fresh.has(id)) this.#fresh.set(id, other);
    else this.#moved.set(id, { suffix: place.suffix, place: other });
    if (other !== null) await this.follow(id, other);
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

function readIds(bytes: Uint8Array): Id[] {
  try {
    return parseReferenceBlob(bytes);
  } catch (error) {
    // Its bytes are what their device sent: sending them again would not help.
    if (error instanceof Refusal) return [];
    throw error;
  }
}

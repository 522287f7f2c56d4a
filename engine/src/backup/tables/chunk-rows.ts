// Chunks and lists that are known, and the blob in which each lies. Rule: a chunk whose blob is 0 lies in none yet, and its bytes
// are then those of its source; it is forgotten when they are not to be had any more.
//
// Guarantee, which tests check after every step:
//
// - a planned chunk names a blob that is there

import type { ChunkId, Digest } from "../../ids.ts";
import { columns, id, int, orNull, Statement, scalar, scalars, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";

/** Variables in one query; SQLite 3.18 takes at most 999. */
const IDS_A_QUERY = 500;
/** Chunks that one page of a plan holds. */
export const CHUNKS_A_PAGE = 250;

/** A chunk of the file `entry`, or (`index` below 0) one of its lists. `blob` 0: not planned yet. */
export interface NewChunk {
  readonly id: number;
  readonly digest: string;
  readonly blob: number;
  readonly sealedBytes: number;
  readonly entry: number;
  readonly index: number;
}

const ADD = new Statement<NewChunk>(
  `INSERT INTO chunk (id, digest, blob, offset, sealed, source, source_idx)
   VALUES (:id, :digest, :blob, 0, :sealedBytes, :entry, :index)`,
);

export function addChunks(store: Store, chunks: readonly NewChunk[]): void {
  ADD.runMany(store, chunks);
}

export function nextChunkId(store: Store): number {
  return scalar(store, int, "SELECT coalesce(max(id), 0) + 1 FROM chunk");
}

const FOUND = columns({ digest: ["c.digest", text], id: ["c.id", int], blobState: ["b.state", orNull(int)] });

/** Known chunks, by their digest. A list of the same bytes is sealed as a list, and no chunk. */
export function findChunks(store: Store, digests: readonly string[]): Map<string, { id: number; isStored: boolean }> {
  const found = new Map<string, { id: number; isStored: boolean }>();
  for (let i = 0; i < digests.length; i += IDS_A_QUERY) {
    const some = digests.slice(i, i + IDS_A_QUERY);
    const rows = FOUND.all(
      store,
      `FROM chunk c LEFT JOIN blob b ON b.id = c.blob
       WHERE c.digest IN (${some.map(() => "?").join(",")}) AND c.source_idx >= 0`,
      some,
    );
    for (const row of rows) found.set(row.digest, { id: row.id, isStored: row.blobState === 1 });
  }
  return found;
}

export function findList(store: Store, digest: Digest): number | null {
  return scalars(store, int, "SELECT id FROM chunk WHERE digest = ? AND source_idx < 0", [digest])[0] ?? null;
}

const LAID = columns({ blob: int, sealedBytes: ["sealed", int] });
const SIZED = columns({ id: int, sealedBytes: ["sealed", int] });
const SUMMED = columns({ chunks: ["count(*)", int], bytes: ["coalesce(sum(sealed), 0)", int] });

/** How many chunks lie in a blob, and their bytes; in blob 0 those of no plan. */
export function sumChunks(store: Store, blob: number): { readonly chunks: number; readonly bytes: number } {
  return SUMMED.first(store, "FROM chunk WHERE blob = ?", [blob]) ?? { chunks: 0, bytes: 0 };
}

export function readChunk(store: Store, chunk: number): { readonly blob: number; readonly sealedBytes: number } | null {
  return LAID.first(store, "FROM chunk WHERE id = ?", [chunk]);
}

/** The chunks of a blob, in the order in which they lie in it. */
export function chunksIn(store: Store, blob: number): { readonly id: number; readonly sealedBytes: number }[] {
  return SIZED.all(store, "FROM chunk WHERE blob = ? ORDER BY offset", [blob]);
}

export function forgetChunk(store: Store, chunk: number): void {
  store.run("DELETE FROM chunk WHERE id = ?", [chunk]);
}

/** Lays chunks into a blob, one behind the other. */
export function layChunks(store: Store, blob: number, chunks: readonly { id: number; sealedBytes: number }[]): void {
  let offset = 0;
  store.runMany(
    "UPDATE chunk SET blob = ?, offset = ? WHERE id = ?",
    chunks.map(({ id, sealedBytes }) => {
      const row = [blob, offset, id];
      offset += sealedBytes;
      return row;
    }),
  );
}

/** The chunks of a blob lie in no plan any more. */
export function unlayChunks(store: Store, blob: number): void {
  store.run("UPDATE chunk SET blob = 0, offset = 0 WHERE blob = ?", [blob]);
}

/** A chunk of no plan. Folder and name null: the entry whose bytes it has is not there. */
export interface UnplannedChunk {
  readonly id: number;
  readonly sealedBytes: number;
  readonly index: number;
  readonly folder: number | null;
  readonly name: string | null;
}

const UNPLANNED = columns({
  id: ["c.id", int],
  sealedBytes: ["c.sealed", int],
  index: ["c.source_idx", int],
  folder: ["e.folder", orNull(int)],
  name: ["e.name", orNull(text)],
});

export function readUnplanned(store: Store, after: number): UnplannedChunk[] {
  return UNPLANNED.all(
    store,
    `FROM chunk c LEFT JOIN entry e ON e.id = c.source
     WHERE c.blob = 0 AND c.id > ? ORDER BY c.id LIMIT ${CHUNKS_A_PAGE}`,
    [after],
  );
}

/** A chunk in a plan: the piece `index` of `entry`. */
export interface PlannedChunk extends UnplannedChunk {
  readonly digest: ChunkId;
  readonly offsetBytes: number;
  readonly entry: number;
}

const PLANNED = columns({
  id: ["c.id", int],
  digest: ["c.digest", id<ChunkId>],
  offsetBytes: ["c.offset", int],
  sealedBytes: ["c.sealed", int],
  entry: ["c.source", int],
  index: ["c.source_idx", int],
  folder: ["e.folder", orNull(int)],
  name: ["e.name", orNull(text)],
});

/** The chunks of a blob behind an offset. */
export function readPlanned(store: Store, blob: number, afterBytes: number): PlannedChunk[] {
  return PLANNED.all(
    store,
    `FROM chunk c LEFT JOIN entry e ON e.id = c.source WHERE c.blob = ? AND c.offset > ?
     ORDER BY c.offset LIMIT ${CHUNKS_A_PAGE}`,
    [blob, afterBytes],
  );
}

// What is known of a file's content while it is under way: its chunks in order, and its lists, numbered from -1 downwards. Rule:
// pieces, lists and reference blobs are forgotten together, so that nothing made for one version is ever taken for another.
//
// Guarantee, which tests check after every step:
//
// - a piece names a chunk that is there

import type { BlobId, ChunkId } from "../../ids.ts";
import { columns, id, int, Statement, scalar, scalars, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import type { EntrySet } from "./entry-sets.ts";

/** Digests and ids in one query: their text stays below the border's limit. */
const DIGESTS_A_QUERY = 4_000;
const REFS_A_QUERY = 1_500;
/** Entries whose references are read at once: many small files, or one with a thousand, stay below the border's limit. */
const ENTRIES_A_QUERY = 50;

export interface Piece {
  readonly entry: number;
  readonly index: number;
  readonly chunk: number;
}

/** Where a piece lies. */
export interface PlacedPiece {
  readonly entry: number;
  readonly index: number;
  readonly digest: ChunkId;
  readonly offsetBytes: number;
  readonly sealedBytes: number;
  readonly blob: BlobId;
  readonly epoch: number;
}

const PLACED = columns({
  entry: ["p.entry", int],
  index: ["p.idx", int],
  digest: ["c.digest", id<ChunkId>],
  offsetBytes: ["c.offset", int],
  sealedBytes: ["c.sealed", int],
  blob: ["b.sha", id<BlobId>],
  epoch: ["b.epoch", int],
});
const PLACES = "FROM piece p JOIN chunk c ON c.id = p.chunk JOIN blob b ON b.id = c.blob";

const ADD = new Statement<Piece>("INSERT OR REPLACE INTO piece (entry, idx, chunk) VALUES (:entry, :index, :chunk)");

export function addPieces(store: Store, pieces: readonly Piece[]): void {
  ADD.runMany(store, pieces);
}

/** Drops what is known of some entries' content. Chunks that are stored, or planned for others to share, stay. */
export function forgetPieces(store: Store, { ids, params }: EntrySet): void {
  store.run(`DELETE FROM piece WHERE entry IN (${ids})`, params);
  store.run(
    `DELETE FROM chunk WHERE source_idx < 0 AND source IN (${ids})
     AND (blob = 0 OR blob IN (SELECT id FROM blob WHERE state = 0))`,
    params,
  );
  store.run(`DELETE FROM blob WHERE state = 0 AND owner IN (${ids})`, params);
  store.run(`UPDATE blob SET owner = NULL WHERE owner IN (${ids})`, params);
}

/** Entries that need a chunk. */
export function usersOf(store: Store, chunk: number): number[] {
  return scalars(store, int, "SELECT DISTINCT entry FROM piece WHERE chunk = ?", [chunk]);
}

/** The chunk ids of a file in order, up to `count`. */
export function readDigests(store: Store, entry: number, count: number): string[] {
  const sql = `SELECT c.digest FROM piece p JOIN chunk c ON c.id = p.chunk
    WHERE p.entry = ? AND p.idx >= ? AND p.idx < ? ORDER BY p.idx`;
  const digests: string[] = [];
  for (let from = 0; from < count; from += DIGESTS_A_QUERY) {
    digests.push(...scalars(store, text, sql, [entry, from, Math.min(count, from + DIGESTS_A_QUERY)]));
  }
  return digests;
}

/** The places of the pieces from `from` to just below `to`, in order. */
export function readPlaced(store: Store, entry: number, from: number, to: number): PlacedPiece[] {
  return PLACED.all(store, `${PLACES} WHERE p.entry = ? AND p.idx >= ? AND p.idx < ? ORDER BY p.idx`, [
    entry,
    from,
    to,
  ]);
}

/** The places of all pieces of several files, by entry. */
export function readAllPlaced(store: Store, entries: readonly number[]): Map<number, PlacedPiece[]> {
  const placed = new Map<number, PlacedPiece[]>();
  for (let begin = 0; begin < entries.length; begin += ENTRIES_A_QUERY) {
    const some = entries.slice(begin, begin + ENTRIES_A_QUERY);
    for (let after = { entry: 0, index: -1 }; ; ) {
      const page = PLACED.all(
        store,
        `${PLACES} WHERE p.entry IN (${some.map(() => "?").join(",")})
         AND (p.entry > ? OR (p.entry = ? AND p.idx > ?)) ORDER BY p.entry, p.idx LIMIT ${REFS_A_QUERY}`,
        [...some, after.entry, after.entry, after.index],
      );
      for (const piece of page) {
        after = piece;
        const known = placed.get(piece.entry);
        if (known === undefined) placed.set(piece.entry, [piece]);
        else known.push(piece);
      }
      if (page.length < REFS_A_QUERY) break;
    }
  }
  return placed;
}

/** Places of a file's pieces in stored blobs that no record names yet, in order; at most `most`. */
export function readUnrecorded(store: Store, entry: number, most: number): PlacedPiece[] {
  return PLACED.all(
    store,
    `${PLACES} WHERE p.entry = ? AND p.idx >= 0 AND b.state = 1 AND b.record IS NULL ORDER BY p.idx LIMIT ${most}`,
    [entry],
  );
}

/** Ids of the blobs that a file needs, its lists' included, in ascending order: up to `most` of them, from `begin` on. */
export function readNeeded(store: Store, entry: number, begin: number, most: number): BlobId[] {
  const needed: BlobId[] = [];
  for (;;) {
    const some = Math.min(DIGESTS_A_QUERY, most - needed.length);
    const sql = `SELECT DISTINCT b.sha ${PLACES} WHERE p.entry = ? ORDER BY b.sha LIMIT ${some} OFFSET ?`;
    const page = scalars(store, id<BlobId>, sql, [entry, begin + needed.length]);
    needed.push(...page);
    if (page.length < some || needed.length >= most) return needed;
  }
}

export function countLists(store: Store, entry: number): number {
  return scalar(store, int, "SELECT count(*) FROM piece WHERE entry = ? AND idx < 0", [entry]);
}

export function countUnstoredLists(store: Store, entry: number): number {
  return scalar(
    store,
    int,
    `SELECT count(*) FROM piece p JOIN chunk c ON c.id = p.chunk LEFT JOIN blob b ON b.id = c.blob
     WHERE p.entry = ? AND p.idx < 0 AND (b.state IS NULL OR b.state = 0)`,
    [entry],
  );
}

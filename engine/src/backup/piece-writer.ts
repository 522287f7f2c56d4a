// Turns the digests of a reading into rows: which chunks are new, which were sent already, and what becomes of the files.
// Rule: one set of statements for a whole answer, however many files it holds.

import type { Stat } from "../border/sights.ts";
import { asciiBytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { MAX_INLINE_REFS } from "../format/entry-faults.ts";
import { digestOf } from "../ids.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import type { Run } from "./run.ts";

export interface Reading {
  readonly entry: number;
  readonly stat: Stat;
  readonly first: number;
  readonly digests: readonly string[];
  readonly sealedBytes: readonly number[];
  readonly isComplete: boolean;
  readonly isRacy: boolean;
  readonly pendingBefore: number;
  /** The version that was recorded last, null when none was, "" when it must be recorded anew. */
  readonly version: string | null;
}

/** Variables in one query; SQLite 3.18 takes at most 999. */
const IDS_A_QUERY = 500;
/** The longest name of a version that is kept as it is: that of a file of one chunk, and not of two. */
const VERSION_CHARS = 128;

export class PieceWriter {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #readings: Reading[] = [];

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  add(reading: Reading): void {
    this.#readings.push(reading);
  }

  write(): void {
    const { store } = this.#ctx;
    const chunks = this.#findChunks();
    const newChunks: Row[] = [];
    const pieces: Row[] = [];
    const updates: Row[] = [];
    const dropped: Row[] = [];
    let ready = 0;
    for (const reading of this.#readings) {
      let pending = reading.pendingBefore;
      reading.digests.forEach((digest, i) => {
        const idx = reading.first + i;
        let chunk = chunks.get(digest);
        if (chunk === undefined) {
          chunk = { id: this.#run.nextChunkId, isStored: false };
          this.#run.nextChunkId += 1;
          chunks.set(digest, chunk);
          const sealed = reading.sealedBytes[i] ?? 0;
          newChunks.push([chunk.id, digest, sealed, reading.entry, idx]);
          this.#run.unplannedBytes += sealed;
          this.#run.unplannedChunks += 1;
        }
        if (!chunk.isStored) pending += 1;
        pieces.push([reading.entry, idx, chunk.id]);
      });
      const state = this.#stateAfter(reading, pending);
      if (state === STATE.synced) dropped.push([reading.entry]);
      if (state === STATE.ready) ready += 1;
      updates.push(updateRow(reading, state, pending));
    }
    store.runMany(
      "INSERT INTO chunk (id, digest, blob, offset, sealed, source, source_idx) VALUES (?, ?, 0, 0, ?, ?, ?)",
      newChunks,
    );
    store.runMany("INSERT OR REPLACE INTO piece (entry, idx, chunk) VALUES (?, ?, ?)", pieces);
    store.runMany(UPDATE, updates);
    store.runMany("DELETE FROM piece WHERE entry = ?", dropped);
    this.#run.addReady(this.#ctx, ready);
  }

  /** What is known of the chunks in all readings. A list of the same bytes is sealed as a list, and no chunk. */
  #findChunks(): Map<string, { id: number; isStored: boolean }> {
    const digests = [...new Set(this.#readings.flatMap((reading) => reading.digests))];
    const found = new Map<string, { id: number; isStored: boolean }>();
    for (let i = 0; i < digests.length; i += IDS_A_QUERY) {
      const some = digests.slice(i, i + IDS_A_QUERY);
      const rows = this.#ctx.store.all(
        `SELECT c.digest, c.id, b.state FROM chunk c LEFT JOIN blob b ON b.id = c.blob
         WHERE c.digest IN (${some.map(() => "?").join(",")}) AND c.source_idx >= 0`,
        some,
      );
      for (const row of rows) found.set(str(row, 0), { id: int(row, 1), isStored: row[2] === 1 });
    }
    return found;
  }

  #stateAfter(reading: Reading, pending: number): number {
    if (!reading.isComplete) return STATE.new;
    if (pending > 0) return STATE.pending;
    if (reading.version !== null && reading.version !== "" && this.#isRecorded(reading)) {
      const { counters } = this.#run;
      counters.filesDone += 1;
      counters.bytesDone += reading.stat.sizeBytes;
      return STATE.synced;
    }
    return chunksOf(reading) > MAX_INLINE_REFS ? STATE.listing : STATE.ready;
  }

  /** True when this very version is in the log already: a touch of the ctime, or a file that was looked at too soon. */
  #isRecorded(reading: Reading): boolean {
    const before = reading.first === 0 ? [] : readDigests(this.#ctx, reading.entry, reading.first);
    const { stat } = reading;
    const version = versionOf(stat.sizeBytes, stat.mtimeS, stat.mtimeUs, stat.mode ?? null, [
      ...before,
      ...reading.digests,
    ]);
    return version === reading.version;
  }
}

const UPDATE = `UPDATE entry SET state = ?, size = ?, mtime_s = ?, mtime_us = ?, ctime_s = ?, ctime_us = ?, mode = ?, identity = ?,
  hashed = ?, pending = ?, racy = ?, reason = NULL, unseen = NULL, retry_at = NULL WHERE id = ?`;

function updateRow(reading: Reading, state: number, pending: number): Row {
  const { stat, entry } = reading;
  const hashed = reading.first + reading.digests.length;
  const times = [stat.mtimeS, stat.mtimeUs, stat.ctimeS ?? null, stat.ctimeUs ?? null];
  const racy = reading.isRacy ? 1 : 0;
  return [state, stat.sizeBytes, ...times, stat.mode ?? null, stat.identity, hashed, pending, racy, entry];
}

function chunksOf(reading: Reading): number {
  return reading.first + reading.digests.length;
}

/** Digests in one query: their text stays below the border's limit. */
const DIGESTS_A_QUERY = 4_000;

/** The chunk ids of a file in order, up to `count`. */
export function readDigests(ctx: Context, entry: number, count: number): string[] {
  const sql = `SELECT c.digest FROM piece p JOIN chunk c ON c.id = p.chunk
    WHERE p.entry = ? AND p.idx >= ? AND p.idx < ? ORDER BY p.idx`;
  const digests: string[] = [];
  for (let from = 0; from < count; from += DIGESTS_A_QUERY) {
    const rows = ctx.store.all(sql, [entry, from, Math.min(count, from + DIGESTS_A_QUERY)]);
    for (const row of rows) digests.push(str(row, 0));
  }
  return digests;
}

/** Names a version by everything that its entry says of it, so that the same one is not recorded twice. */
export function versionOf(
  sizeBytes: number,
  mtimeS: number,
  mtimeUs: number,
  mode: number | null,
  digests: readonly string[],
): string {
  const text = `${sizeBytes}/${mtimeS}/${mtimeUs}/${mode ?? "-"}/${digests.join("/")}`;
  // Files of one chunk are most files, and hashing a name for each would be more than half of the work on a record.
  return text.length <= VERSION_CHARS ? text : digestOf(sha256(asciiBytes(text)));
}

// Turns the digests of a reading into rows: which chunks are new, which were sent already, and what becomes of the files.
// Rule: one set of statements for a whole answer, however many files it holds.

import type { Stat } from "../../border/sights.ts";
import { asciiBytes } from "../../bytes.ts";
import { sha256 } from "../../crypto/hash.ts";
import { MAX_INLINE_REFS } from "../../format/entry-faults.ts";
import { digestOf } from "../../ids.ts";
import type { Context } from "../../runtime/context.ts";
import { STATE } from "../../store/schema.ts";
import type { Run } from "../run.ts";
import { addChunks, findChunks, type NewChunk } from "../tables/chunk-rows.ts";
import { markRead, markUnchanged, type ReadFile } from "../tables/entry-rows.ts";
import { entriesById } from "../tables/entry-sets.ts";
import { addPieces, forgetPieces, type Piece, readDigests } from "../tables/piece-rows.ts";

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
    const known = findChunks(store, [...new Set(this.#readings.flatMap((reading) => reading.digests))]);
    const chunks: NewChunk[] = [];
    const pieces: Piece[] = [];
    const files: ReadFile[] = [];
    const unchanged: number[] = [];
    let ready = 0;
    for (const reading of this.#readings) {
      const { entry } = reading;
      let pending = reading.pendingBefore;
      reading.digests.forEach((digest, i) => {
        const index = reading.first + i;
        let chunk = known.get(digest);
        if (chunk === undefined) {
          chunk = { id: this.#run.takeChunkId(), isStored: false };
          known.set(digest, chunk);
          const sealedBytes = reading.sealedBytes[i] ?? 0;
          chunks.push({ id: chunk.id, digest, blob: 0, sealedBytes, entry, index });
          this.#run.addUnplanned(1, sealedBytes);
        }
        if (!chunk.isStored) pending += 1;
        pieces.push({ entry, index, chunk: chunk.id });
      });
      const isUnchanged = reading.isComplete && pending === 0 && this.#isRecorded(reading);
      if (isUnchanged) {
        unchanged.push(entry);
        this.#run.countUnchanged(reading.stat.sizeBytes);
      }
      const state = isUnchanged ? STATE.hashing : stateAfter(reading, pending);
      if (state === STATE.ready) ready += 1;
      files.push(readFileOf(reading, state, pending));
    }
    addChunks(store, chunks);
    addPieces(store, pieces);
    markRead(store, files);
    if (unchanged.length > 0) {
      forgetPieces(store, entriesById(unchanged));
      markUnchanged(store, unchanged);
    }
    this.#run.addReady(this.#ctx, ready);
  }

  /** True when this very version is in the log already: a touch of the ctime, or a file that was looked at too soon. */
  #isRecorded(reading: Reading): boolean {
    if (reading.version === null || reading.version === "") return false;
    const before = reading.first === 0 ? [] : readDigests(this.#ctx.store, reading.entry, reading.first);
    const { stat } = reading;
    const version = versionOf(stat.sizeBytes, stat.mtimeS, stat.mtimeUs, stat.mode ?? null, [
      ...before,
      ...reading.digests,
    ]);
    return version === reading.version;
  }
}

function stateAfter(reading: Reading, pending: number): number {
  if (!reading.isComplete) return STATE.new;
  if (pending > 0) return STATE.pending;
  return chunksOf(reading) > MAX_INLINE_REFS ? STATE.listing : STATE.ready;
}

function readFileOf(reading: Reading, state: number, pending: number): ReadFile {
  const { entry, isRacy, stat } = reading;
  const { sizeBytes, mtimeS, mtimeUs, ctimeS = null, ctimeUs = null, mode = null, identity } = stat;
  const read = { id: entry, state, hashed: chunksOf(reading), pending, isRacy };
  return { ...read, sizeBytes, mtimeS, mtimeUs, ctimeS, ctimeUs, mode, identity };
}

function chunksOf(reading: Reading): number {
  return reading.first + reading.digests.length;
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

// Which chunks go into which blob. Rule: a plan is rows before it is an effect, so that a crash finds it again and sends
// the same bytes; a plan that is given up leaves its chunks to the next one.

import { asciiJsonLength } from "../../border/ascii-json.ts";
import { CHUNK_BYTES, FULL_BLOB_BYTES, MAX_PARTS, SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import { joinPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Run } from "../run.ts";
import { addPlan, BLOB_KIND, readPlan, readPlans, removeBlob } from "../tables/blob-rows.ts";
import {
  CHUNKS_A_PAGE,
  chunksIn,
  forgetChunk,
  layChunks,
  readChunk,
  readUnplanned,
  sumChunks,
  unlayChunks,
} from "../tables/chunk-rows.ts";
import { readAgain, type Wait } from "../tables/entry-rows.ts";
import { entriesById } from "../tables/entry-sets.ts";
import { Folders } from "../tables/folder-places.ts";
import { forgetPieces, usersOf } from "../tables/piece-rows.ts";

/** Content that leaves room for padding in the largest blob (docs/format.md F-53). */
const MAX_CONTENT_BYTES = FULL_BLOB_BYTES - SEAL_OVERHEAD_BYTES;
/** Characters that the parts of one plan may take; the border's limit is 524,288. */
const MAX_PLAN_CHARS = 240_000;
const CHARS_A_PART = 160;

/** Bytes of sealed chunks that a blob is planned for. */
export function contentLimit(chunks: number): number {
  return Math.min(chunks * (CHUNK_BYTES + SEAL_OVERHEAD_BYTES), MAX_CONTENT_BYTES);
}

/**
 * Plans one blob of up to `limitBytes` of content under an epoch. Returns the blob's row id, or null when nothing is to be
 * planned, or when there is less than a full blob and `flush` is false.
 */
export function planBlob(ctx: Context, run: Run, epoch: number, limitBytes: number, flush: boolean): number | null {
  if (run.unplanned.chunks === 0) return null;
  if (!flush && run.unplanned.bytes < limitBytes && run.unplanned.chunks < MAX_PARTS) return null;
  const chunks = selectChunks(ctx, run, limitBytes);
  if (chunks.length === 0) return null;
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.sealedBytes, 0);
  const blob = addPlan(ctx.store, { kind: BLOB_KIND.parts, sizeBytes, epoch, owner: null });
  layChunks(ctx.store, blob, chunks);
  run.addUnplanned(-chunks.length, -sizeBytes);
  return blob;
}

/** Gives a plan up: its chunks wait for another one. */
export function discardPlan({ store }: Context, run: Run, blob: number): void {
  const { chunks, bytes } = sumChunks(store, blob);
  run.addUnplanned(chunks, bytes);
  unlayChunks(store, blob);
  removeBlob(store, blob);
}

/** Cuts a plan in two, which are sent apart from then on; false when there is nothing to cut. */
export function splitPlan({ store }: Context, blob: number): boolean {
  const chunks = chunksIn(store, blob);
  const plan = readPlan(store, blob);
  if (plan === null || chunks.length < 2) return false;
  for (const half of [chunks.slice(0, chunks.length >> 1), chunks.slice(chunks.length >> 1)]) {
    const sizeBytes = half.reduce((sum, chunk) => sum + chunk.sealedBytes, 0);
    layChunks(store, addPlan(store, { ...plan, sizeBytes }), half);
  }
  removeBlob(store, blob);
  return true;
}

/** Gives up everything that was planned and has not arrived. */
export function discardPlans(ctx: Context, run: Run): void {
  for (const blob of readPlans(ctx.store)) discardPlan(ctx, run, blob);
}

/**
 * Forgets chunks whose bytes are not to be had any more, or not to be sent. The files that need them are read again: at once
 * when nothing is wrong with them (null), else after the wait.
 */
export function forgetChunks({ store }: Context, run: Run, chunks: readonly number[], wait: Wait | null): void {
  for (const id of chunks) {
    const chunk = readChunk(store, id);
    if (chunk === null) continue;
    if (chunk.blob === 0) run.addUnplanned(-1, -chunk.sealedBytes);
    for (const entry of usersOf(store, id)) {
      forgetPieces(store, entriesById([entry]));
      readAgain(store, entry, wait);
    }
    forgetChunk(store, id);
  }
}

function selectChunks(ctx: Context, run: Run, limitBytes: number): { id: number; sealedBytes: number }[] {
  const folders = new Folders(ctx.store);
  const chosen: { id: number; sealedBytes: number }[] = [];
  const orphans: number[] = [];
  let sizeBytes = 0;
  let chars = 0;
  for (let after = 0; ; ) {
    const page = readUnplanned(ctx.store, after);
    for (const { id, sealedBytes, index, folder, name } of page) {
      after = id;
      if (folder === null || name === null) {
        orphans.push(id);
        continue;
      }
      const bodyChars = index < 0 ? 1.4 * sealedBytes : asciiJsonLength(joinPath(folders.get(folder).path, name));
      const partChars = CHARS_A_PART + bodyChars;
      const isFull =
        sizeBytes + sealedBytes > limitBytes || chosen.length === MAX_PARTS || chars + partChars > MAX_PLAN_CHARS;
      if (chosen.length > 0 && isFull) {
        forgetChunks(ctx, run, orphans, null);
        return chosen;
      }
      chosen.push({ id, sealedBytes });
      sizeBytes += sealedBytes;
      chars += partChars;
    }
    if (page.length < CHUNKS_A_PAGE) {
      forgetChunks(ctx, run, orphans, null);
      return chosen;
    }
  }
}

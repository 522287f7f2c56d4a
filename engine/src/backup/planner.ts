// Which chunks go into which blob. Rule: a plan is rows before it is an effect, so that a crash finds it again and sends
// the same bytes; a plan that is given up leaves its chunks to the next one.

import { asciiJsonLength } from "../border/ascii-json.ts";
import type { WaitingReason } from "../border/reasons.ts";
import { CHUNK_BYTES, FULL_BLOB_BYTES, MAX_PARTS, SEAL_OVERHEAD_BYTES } from "../format/ladder.ts";
import { joinPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { Folders } from "./folders.ts";
import { forgetPieces } from "./pieces.ts";
import type { Run } from "./run.ts";

/** Content that leaves room for padding in the largest blob (docs/format.md F-53). */
const MAX_CONTENT_BYTES = FULL_BLOB_BYTES - SEAL_OVERHEAD_BYTES;
/** Characters that the parts of one plan may take; the border's limit is 524,288. */
const MAX_PLAN_CHARS = 240_000;
const CHARS_A_PART = 160;
const ROWS_A_QUERY = 250;

/** Bytes of sealed chunks that a blob is planned for. */
export function contentLimit(chunks: number): number {
  return Math.min(chunks * (CHUNK_BYTES + SEAL_OVERHEAD_BYTES), MAX_CONTENT_BYTES);
}

/**
 * Plans one blob of up to `limitBytes` of content under an epoch. Returns the blob's row id, or null when nothing is to be
 * planned, or when there is less than a full blob and `flush` is false.
 */
export function planBlob(ctx: Context, run: Run, epoch: number, limitBytes: number, flush: boolean): number | null {
  if (run.unplannedChunks === 0) return null;
  if (!flush && run.unplannedBytes < limitBytes && run.unplannedChunks < MAX_PARTS) return null;
  const chunks = selectChunks(ctx, run, limitBytes);
  if (chunks.length === 0) return null;
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.sealed, 0);
  const blob = ctx.store.run("INSERT INTO blob (kind, size, epoch, state) VALUES (0, ?, ?, 0)", [
    sizeBytes,
    epoch,
  ]).lastId;
  let offset = 0;
  const rows: Row[] = [];
  for (const chunk of chunks) {
    rows.push([blob, offset, chunk.id]);
    offset += chunk.sealed;
  }
  ctx.store.runMany("UPDATE chunk SET blob = ?, offset = ? WHERE id = ?", rows);
  run.unplannedBytes -= sizeBytes;
  run.unplannedChunks -= chunks.length;
  return blob;
}

/** Gives a plan up: its chunks wait for another one. */
export function discardPlan(ctx: Context, run: Run, blob: number): void {
  const row = ctx.store.first("SELECT count(*), coalesce(sum(sealed), 0) FROM chunk WHERE blob = ?", [blob]);
  if (row !== null) {
    run.unplannedChunks += int(row, 0);
    run.unplannedBytes += int(row, 1);
  }
  ctx.store.run("UPDATE chunk SET blob = 0, offset = 0 WHERE blob = ?", [blob]);
  ctx.store.run("DELETE FROM blob WHERE id = ?", [blob]);
}

/** Cuts a plan in two, which are sent apart from then on; false when there is nothing to cut. */
export function splitPlan(ctx: Context, blob: number): boolean {
  const { store } = ctx;
  const chunks = store.all("SELECT id, sealed FROM chunk WHERE blob = ? ORDER BY offset", [blob]);
  if (chunks.length < 2) return false;
  const halves = [chunks.slice(0, chunks.length >> 1), chunks.slice(chunks.length >> 1)];
  for (const half of halves) {
    const size = half.reduce((sum, chunk) => sum + int(chunk, 1), 0);
    const sql = "INSERT INTO blob (kind, size, epoch, state) SELECT 0, ?, epoch, 0 FROM blob WHERE id = ?";
    const { lastId } = store.run(sql, [size, blob]);
    let offset = 0;
    const rows: Row[] = [];
    for (const chunk of half) {
      rows.push([lastId, offset, int(chunk, 0)]);
      offset += int(chunk, 1);
    }
    store.runMany("UPDATE chunk SET blob = ?, offset = ? WHERE id = ?", rows);
  }
  store.run("DELETE FROM blob WHERE id = ?", [blob]);
  return true;
}

/** Gives up everything that was planned and has not arrived. */
export function discardPlans(ctx: Context, run: Run): void {
  for (const row of ctx.store.all("SELECT id FROM blob WHERE state = 0")) discardPlan(ctx, run, int(row, 0));
}

/** Why files wait before they are read again; `retryAtMs` null: until the next sweep. */
export interface Wait {
  readonly reason: WaitingReason;
  readonly retryAtMs: number | null;
}

/**
 * Forgets chunks whose bytes are not to be had any more, or not to be sent. The files that need them are read again: at once
 * when nothing is wrong with them (null), else after the wait.
 */
export function forgetChunks(ctx: Context, run: Run, chunks: readonly number[], wait: Wait | null): void {
  for (const chunk of chunks) {
    const row = ctx.store.first("SELECT blob, sealed FROM chunk WHERE id = ?", [chunk]);
    if (row === null) continue;
    if (int(row, 0) === 0) {
      run.unplannedChunks -= 1;
      run.unplannedBytes -= int(row, 1);
    }
    for (const entry of ctx.store.all("SELECT DISTINCT entry FROM piece WHERE chunk = ?", [chunk])) {
      readAgain(ctx, int(entry, 0), wait);
    }
    ctx.store.run("DELETE FROM chunk WHERE id = ?", [chunk]);
  }
}

function readAgain(ctx: Context, entry: number, wait: Wait | null): void {
  const { store } = ctx;
  forgetPieces(ctx, "?", [entry]);
  const underWay = [STATE.new, STATE.hashing, STATE.pending, STATE.listing, STATE.ready, STATE.recording].join(", ");
  const reset = "hashed = 0, pending = 0, noted = 0";
  if (wait === null) {
    store.run(`UPDATE entry SET state = ${STATE.new}, ${reset} WHERE id = ? AND state IN (${underWay})`, [entry]);
    return;
  }
  store.run(
    `UPDATE entry SET state = ${STATE.waiting}, reason = ?, retry_at = ?, tries = tries + 1, ${reset}
     WHERE id = ? AND state IN (${underWay})`,
    [wait.reason, wait.retryAtMs, entry],
  );
}

function selectChunks(ctx: Context, run: Run, limitBytes: number): { id: number; sealed: number }[] {
  const folders = new Folders(ctx.store);
  const chosen: { id: number; sealed: number }[] = [];
  const orphans: number[] = [];
  let sizeBytes = 0;
  let chars = 0;
  let after = 0;
  for (;;) {
    const rows = ctx.store.all(
      `SELECT c.id, c.sealed, e.folder, e.name, c.source_idx FROM chunk c LEFT JOIN entry e ON e.id = c.source
       WHERE c.blob = 0 AND c.id > ? ORDER BY c.id LIMIT ${ROWS_A_QUERY}`,
      [after],
    );
    for (const row of rows) {
      after = int(row, 0);
      if (row[2] === null) {
        orphans.push(after);
        continue;
      }
      const sealed = int(row, 1);
      const isList = int(row, 4) < 0;
      const place = folders.get(int(row, 2));
      const bodyChars = isList ? 1.4 * sealed : asciiJsonLength(joinPath(place.path, str(row, 3)));
      const partChars = CHARS_A_PART + bodyChars;
      const isFull =
        sizeBytes + sealed > limitBytes || chosen.length === MAX_PARTS || chars + partChars > MAX_PLAN_CHARS;
      if (chosen.length > 0 && isFull) {
        forgetChunks(ctx, run, orphans, null);
        return chosen;
      }
      chosen.push({ id: after, sealed });
      sizeBytes += sealed;
      chars += partChars;
    }
    if (rows.length < ROWS_A_QUERY) {
      forgetChunks(ctx, run, orphans, null);
      return chosen;
    }
  }
}

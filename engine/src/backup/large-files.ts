// Files of more than 1,000 chunks: their chunk references go into lists, and where they need more than 1,000 blobs the ids
// go into reference blobs (docs/format.md §7). Rule: both are computed from rows that no longer change, so a crash costs nothing.

import { hmacSha256, sha256 } from "../crypto/hash.ts";
import { invariant } from "../errors.ts";
import { chunkCount, MAX_INLINE_REFS } from "../format/entry-faults.ts";
import { SEAL_OVERHEAD_BYTES } from "../format/ladder.ts";
import { encodeList, LIST_REFS } from "../format/list.ts";
import { MAX_NAMED_BLOBS } from "../format/record-header.ts";
import { encodeReferenceBlob } from "../format/reference-blob.ts";
import type { BlobId } from "../ids.ts";
import { digestOf, storedId } from "../ids.ts";
import { readSlot, SLOT } from "../keys/slots.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { STATE } from "../store/schema.ts";
import { getSetting } from "../store/settings.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { RefTable } from "./ref-table.ts";
import type { Run } from "./run.ts";
import { noteFailure } from "./session.ts";

/** Ids in one reference blob: as many as one literal of an effect holds. */
const REFERENCES_A_BLOB = 8_000;
/** Refs read from the Store at once. */
const REFS_A_QUERY = 1_024;

/** Brings entries in state `listing` on: lists, then reference blobs, then ready. */
export function pumpLargeFiles(ctx: Context, run: Run, epoch: number): void {
  if (run.listingInFlight || !ctx.hasRoom()) return;
  const row = ctx.store.first("SELECT id, size FROM entry WHERE state = ? ORDER BY id LIMIT 1", [STATE.listing]);
  if (row === null) return;
  const entry = int(row, 0);
  const lists = int(ctx.store.first("SELECT count(*) FROM piece WHERE entry = ? AND idx < 0", [entry]) ?? [0], 0);
  if (lists === 0) {
    run.listingInFlight = true;
    ctx.start(
      makeLists(ctx, entry, chunkCount(int(row, 1)), epoch, run),
      () => {
        run.listingInFlight = false;
      },
      (error) => {
        run.listingInFlight = false;
        noteFailure(ctx, run, error);
      },
    );
    return;
  }
  const references = int(ctx.store.first("SELECT count(*) FROM blob WHERE owner = ?", [entry]) ?? [0], 0);
  const blobs = readBlobs(ctx, entry, null);
  if (blobs.length > MAX_NAMED_BLOBS && references === 0) {
    for (let i = 0; i < blobs.length; i += REFERENCES_A_BLOB) {
      const size = Math.min(REFERENCES_A_BLOB, blobs.length - i) * 32;
      ctx.store.run("INSERT INTO blob (kind, size, epoch, state, owner) VALUES (1, ?, ?, 0, ?)", [size, epoch, entry]);
    }
    const count = Math.ceil(blobs.length / REFERENCES_A_BLOB);
    ctx.store.run("UPDATE entry SET state = ?, pending = ? WHERE id = ?", [STATE.pending, count, entry]);
  } else {
    ctx.store.run("UPDATE entry SET state = ? WHERE id = ?", [STATE.ready, entry]);
    run.addReady(ctx, 1);
  }
  ctx.more = true;
}

/** Plans a file's lists, each in a blob of its own. The dedup key is in the engine for this one step. */
function* makeLists(ctx: Context, entry: number, chunks: number, epoch: number, run: Run): Flow<void> {
  const key = yield* readSlot(SLOT.dedup, "device");
  const state = ctx.store.first("SELECT state FROM entry WHERE id = ?", [entry]);
  if (state === null || int(state, 0) !== STATE.listing) {
    key.fill(0);
    return;
  }
  const count = Math.ceil(chunks / LIST_REFS);
  for (let index = 0; index < count; index++) {
    const bytes = encodeListOf(ctx, entry, index);
    const id = digestOf(hmacSha256(key, sha256(bytes)));
    const sealed = bytes.length + SEAL_OVERHEAD_BYTES;
    let chunk = ctx.store.first("SELECT id FROM chunk WHERE digest = ? AND source_idx < 0", [id])?.[0] ?? null;
    if (chunk === null) {
      const blob = ctx.store.run("INSERT INTO blob (kind, size, epoch, state) VALUES (0, ?, ?, 0)", [
        sealed,
        epoch,
      ]).lastId;
      chunk = run.nextChunkId;
      run.nextChunkId += 1;
      const sql =
        "INSERT INTO chunk (id, digest, blob, offset, sealed, source, source_idx) VALUES (?, ?, ?, 0, ?, ?, ?)";
      ctx.store.run(sql, [chunk, id, blob, sealed, entry, -1 - index]);
    }
    ctx.store.run("INSERT INTO piece (entry, idx, chunk) VALUES (?, ?, ?)", [entry, -1 - index, chunk]);
  }
  key.fill(0);
  const pending = ctx.store.first(
    `SELECT count(*) FROM piece p JOIN chunk c ON c.id = p.chunk LEFT JOIN blob b ON b.id = c.blob
     WHERE p.entry = ? AND p.idx < 0 AND (b.state IS NULL OR b.state = 0)`,
    [entry],
  ) ?? [0];
  ctx.store.run("UPDATE entry SET state = ?, pending = ? WHERE id = ?", [STATE.pending, int(pending, 0), entry]);
  // A file whose lists are stored already goes on at once.
  if (int(pending, 0) === 0) ctx.store.run("UPDATE entry SET state = ? WHERE id = ?", [STATE.listing, entry]);
}

/** List number `index` of a file, all of whose chunks are stored. */
export function encodeListOf(ctx: Context, entry: number, index: number): Uint8Array {
  const pairing = getSetting(ctx.store, "pairing");
  invariant(pairing !== null, "a list without a pairing");
  const table = new RefTable(pairing.device);
  const end = (index + 1) * LIST_REFS;
  const refs = [];
  for (let from = index * LIST_REFS; from < end; from += REFS_A_QUERY) {
    for (const row of readRefRows(ctx, entry, from, from + REFS_A_QUERY)) refs.push(table.refOf(row, 1));
  }
  return encodeList({ sources: table.sources, blobs: table.blobs, refs });
}

/** The reference blob that `blob` stands for, of the file `owner`. */
export function encodeReferenceBlobOf(ctx: Context, owner: number, blob: number): Uint8Array {
  const sql = "SELECT count(*) FROM blob WHERE owner = ? AND id < ?";
  const ordinal = int(ctx.store.first(sql, [owner, blob]) ?? [0], 0);
  return encodeReferenceBlob(readBlobs(ctx, owner, ordinal));
}

/** Ids of the blobs that a file needs, its lists' included, in ascending order: all, or those of one reference blob. */
export function readBlobs(ctx: Context, entry: number, ordinal: number | null): BlobId[] {
  const ids: BlobId[] = [];
  const begin = ordinal === null ? 0 : ordinal * REFERENCES_A_BLOB;
  const limit = ordinal === null ? Number.MAX_SAFE_INTEGER : REFERENCES_A_BLOB;
  for (;;) {
    const some = Math.min(4_000, limit - ids.length);
    const sql = `SELECT DISTINCT b.sha FROM piece p JOIN chunk c ON c.id = p.chunk JOIN blob b ON b.id = c.blob
      WHERE p.entry = ? ORDER BY b.sha LIMIT ${some} OFFSET ?`;
    const rows = ctx.store.all(sql, [entry, begin + ids.length]);
    for (const row of rows) ids.push(storedId<BlobId>(str(row, 0)));
    if (rows.length < some || ids.length >= limit) return ids;
  }
}

/** Rows of `digest, offset, sealed, sha, epoch` behind the piece's index, for the pieces from `from` to just below `to`. */
export function readRefRows(ctx: Context, entry: number, from: number, to: number): Row[] {
  return ctx.store.all(
    `SELECT p.idx, c.digest, c.offset, c.sealed, b.sha, b.epoch FROM piece p JOIN chunk c ON c.id = p.chunk
     JOIN blob b ON b.id = c.blob WHERE p.entry = ? AND p.idx >= ? AND p.idx < ? ORDER BY p.idx`,
    [entry, from, to],
  );
}

/** Whether a file of this size has lists. */
export function hasLists(sizeBytes: number): boolean {
  return chunkCount(sizeBytes) > MAX_INLINE_REFS;
}

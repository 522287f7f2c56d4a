// Files of more than 1,000 chunks: their chunk references go into lists, and where they need more than 1,000 blobs the ids
// go into reference blobs (docs/format.md §7). Rule: both are computed from rows that no longer change, so a crash costs nothing.

import { hmacSha256, sha256 } from "../../crypto/hash.ts";
import { invariant } from "../../errors.ts";
import { chunkCount, MAX_INLINE_REFS } from "../../format/entry-faults.ts";
import { SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import { encodeList, LIST_REFS } from "../../format/list.ts";
import { MAX_NAMED_BLOBS } from "../../format/record-header.ts";
import { encodeReferenceBlob } from "../../format/reference-blob.ts";
import type { BlobId } from "../../ids.ts";
import { digestOf, ID_BYTES } from "../../ids.ts";
import { readSlot, SLOT } from "../../keys/slots.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { getSetting } from "../../store/settings.ts";
import type { Store } from "../../store/store.ts";
import { RefTable } from "../record/ref-table.ts";
import type { Run } from "../run.ts";
import { noteFailure } from "../session.ts";
import { addPlan, BLOB_KIND, countReferences } from "../tables/blob-rows.ts";
import { addChunks, findList } from "../tables/chunk-rows.ts";
import { awaitLists, awaitReferences, endLists } from "../tables/entry-rows.ts";
import { addPieces, countLists, countUnstoredLists, readNeeded, readPlaced } from "../tables/piece-rows.ts";
import { isListing, nextListing } from "../tables/reading-queue.ts";

/** Ids in one reference blob: as many as one literal of an effect holds. */
const REFERENCES_A_BLOB = 8_000;
/** Refs read from the Store at once. */
const REFS_A_QUERY = 1_024;

/** Brings entries in state `listing` on: lists, then reference blobs, then ready. */
export function pumpLargeFiles(ctx: Context, run: Run, epoch: number): void {
  if (run.listingInFlight || !ctx.hasRoom()) return;
  const { store } = ctx;
  const file = nextListing(store);
  if (file === null) return;
  const entry = file.id;
  if (countLists(store, entry) === 0) {
    run.listingInFlight = true;
    ctx.start(
      makeLists(ctx, entry, chunkCount(file.sizeBytes), epoch, run),
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
  const blobs = readNeededBlobs(store, entry, null);
  if (blobs.length > MAX_NAMED_BLOBS && countReferences(store, entry, null) === 0) {
    for (let i = 0; i < blobs.length; i += REFERENCES_A_BLOB) {
      const sizeBytes = Math.min(REFERENCES_A_BLOB, blobs.length - i) * ID_BYTES;
      addPlan(store, { kind: BLOB_KIND.references, sizeBytes, epoch, owner: entry });
    }
    awaitReferences(store, entry, Math.ceil(blobs.length / REFERENCES_A_BLOB));
  } else {
    endLists(store, entry);
    run.addReady(ctx, 1);
  }
  ctx.more = true;
}

/** Plans a file's lists, each in a blob of its own. The dedup key is in the engine for this one step. */
function* makeLists(ctx: Context, entry: number, chunks: number, epoch: number, run: Run): Flow<void> {
  const key = yield* readSlot(SLOT.dedup, "device");
  const { store } = ctx;
  if (!isListing(store, entry)) {
    key.fill(0);
    return;
  }
  const count = Math.ceil(chunks / LIST_REFS);
  for (let list = 0; list < count; list++) {
    const bytes = encodeListOf(store, entry, list);
    const digest = digestOf(hmacSha256(key, sha256(bytes)));
    const sealedBytes = bytes.length + SEAL_OVERHEAD_BYTES;
    const index = -1 - list;
    let chunk = findList(store, digest);
    if (chunk === null) {
      const blob = addPlan(store, { kind: BLOB_KIND.parts, sizeBytes: sealedBytes, epoch, owner: null });
      chunk = run.takeChunkId();
      addChunks(store, [{ id: chunk, digest, blob, sealedBytes, entry, index }]);
    }
    addPieces(store, [{ entry, index, chunk }]);
  }
  key.fill(0);
  awaitLists(store, entry, countUnstoredLists(store, entry));
}

/** List number `index` of a file, all of whose chunks are stored. */
export function encodeListOf(store: Store, entry: number, index: number): Uint8Array {
  const pairing = getSetting(store, "pairing");
  invariant(pairing !== null, "a list without a pairing");
  const table = new RefTable(pairing.device);
  const end = (index + 1) * LIST_REFS;
  const refs = [];
  for (let from = index * LIST_REFS; from < end; from += REFS_A_QUERY) {
    for (const piece of readPlaced(store, entry, from, from + REFS_A_QUERY)) refs.push(table.refOf(piece));
  }
  return encodeList({ sources: table.sources, blobs: table.blobs, refs });
}

/** The reference blob that `blob` stands for, of the file `owner`. */
export function encodeReferenceBlobOf(store: Store, owner: number, blob: number): Uint8Array {
  return encodeReferenceBlob(readNeededBlobs(store, owner, countReferences(store, owner, blob)));
}

/** Ids of the blobs that a file needs, its lists' included, in ascending order: all, or those of one reference blob. */
export function readNeededBlobs(store: Store, entry: number, ordinal: number | null): BlobId[] {
  if (ordinal === null) return readNeeded(store, entry, 0, Number.MAX_SAFE_INTEGER);
  return readNeeded(store, entry, ordinal * REFERENCES_A_BLOB, REFERENCES_A_BLOB);
}

/** Whether a file of this size has lists. */
export function hasLists(sizeBytes: number): boolean {
  return chunkCount(sizeBytes) > MAX_INLINE_REFS;
}

// Blobs that the server no longer has. Rule: a place that is lost is forgotten, every file is read again to find out whether
// it needs it, and everything is recorded anew, because synced files keep no list of their chunks here.

import type { BlobId } from "../../ids.ts";
import type { Context } from "../../runtime/context.ts";
import { recordAllAgain } from "../record/record-end.ts";
import type { Run } from "../run.ts";
import { forgetChunks } from "../send/planner.ts";
import { findBlobs, removeBlob } from "../tables/blob-rows.ts";
import { chunksIn } from "../tables/chunk-rows.ts";

/** Forgets these blobs and has every file checked again. Returns how many of them were known. */
export function loseBlobs(ctx: Context, run: Run, lost: readonly BlobId[]): number {
  const { store } = ctx;
  let known = 0;
  let isOfThisRun = false;
  for (const id of lost) {
    for (const blob of findBlobs(store, id)) {
      known += 1;
      if (run.setbacks.lostBlob(blob.id, blob.sizeBytes)) isOfThisRun = true;
      const chunks = chunksIn(store, blob.id).map((chunk) => chunk.id);
      forgetChunks(ctx, run, chunks, null);
      removeBlob(store, blob.id);
    }
  }
  if (known > 0) recordAllAgain(ctx, run, 0);
  if (isOfThisRun) run.wasSetBack(ctx);
  return known;
}

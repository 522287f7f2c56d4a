// Blobs that the server no longer has. Rule: a place that is lost is forgotten, every file is read again to find out whether
// it needs it, and everything is recorded anew, because synced files keep no list of their chunks here.

import type { BlobId } from "../ids.ts";
import type { Context } from "../runtime/context.ts";
import { int } from "../store/store.ts";
import { forgetChunks } from "./planner.ts";
import { recordAnew } from "./record-rows.ts";
import type { Run } from "./run.ts";

const LOST = "server-lost-records";

/** Forgets these blobs and has every file checked again. Returns how many of them were known. */
export function loseBlobs(ctx: Context, run: Run, lost: readonly BlobId[]): number {
  const { store } = ctx;
  let known = 0;
  let isOfThisRun = false;
  for (const id of lost) {
    for (const row of store.all("SELECT id, size FROM blob WHERE sha = ?", [id])) {
      known += 1;
      if (run.setbacks.lostBlob(int(row, 0), int(row, 1))) isOfThisRun = true;
      const chunks = store.all("SELECT id FROM chunk WHERE blob = ?", [int(row, 0)]).map((chunk) => int(chunk, 0));
      forgetChunks(ctx, run, chunks, null);
      store.run("DELETE FROM blob WHERE id = ?", [int(row, 0)]);
    }
  }
  if (known > 0) recordAllAgain(ctx, run, 0);
  if (isOfThisRun) run.wasSetBack(ctx);
  return known;
}

/** Files synced by records above `number` wait again; their versions are recorded anew even where nothing changed. */
export function recordAllAgain(ctx: Context, run: Run, number: number): number {
  return recordAnew(ctx, run, "record > ?", [number], LOST);
}

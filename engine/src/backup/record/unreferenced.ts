// Stored blobs that no record names (docs/format.md F-70). A server keeps them for a while only, so files that are under way
// for long are noted in records before they are complete. Rule: which blobs these are is asked of their rows each time
// (`tables/blob-rows.ts`), since a process may be shorter than any blob takes.

import type { Context } from "../../runtime/context.ts";
import { sinceMs } from "../run.ts";
import { sumUnnamed } from "../tables/blob-rows.ts";
import { markNoted } from "../tables/entry-rows.ts";
import { Folders } from "../tables/folder-places.ts";
import { type PlacedPiece, readUnrecorded } from "../tables/piece-rows.ts";
import { readInProgress } from "../tables/recordable-entries.ts";
import type { RecordBuilder } from "./record-builder.ts";

/** Blobs after which a record is due. */
const BLOBS_A_RECORD = 64;
/** The longest that a stored blob stays without a record: half of what the server promises. */
const UNREFERENCED_MS = 43_200_000;
const FILES_IN_PROGRESS = 32;
const REFS_OF_ONE_IN_PROGRESS = 1_000;

/** True when a record is due because many stored blobs are named by none, or one of them for long. */
export function leavesBlobs({ store, now }: Context): boolean {
  const { count, sinceMs: storedMs } = sumUnnamed(store);
  return count >= BLOBS_A_RECORD || (storedMs !== null && sinceMs(storedMs, now) >= UNREFERENCED_MS);
}

/** Adds what no record names yet of files that are still under way; true when nothing of it is left for another record. */
export function noteInProgress({ store }: Context, builder: RecordBuilder): boolean {
  const files = readInProgress(store, FILES_IN_PROGRESS);
  const folders = new Folders(store);
  let isWhole = files.length < FILES_IN_PROGRESS;
  for (const file of files) {
    const refs = readUnrecorded(store, file.id, REFS_OF_ONE_IN_PROGRESS);
    // What is not stored yet, or stands in a record, leaves gaps.
    for (const stretch of stretchesOf(refs)) {
      const first = stretch[0]?.index ?? 0;
      if (!builder.addInProgress(file, folders.get(file.folder), first, stretch)) return false;
      markNoted(store, file.id, first + stretch.length);
    }
    if (refs.length === REFS_OF_ONE_IN_PROGRESS) isWhole = false;
  }
  return isWhole;
}

/** References that follow on each other in their file, as lists of such. */
function stretchesOf(refs: readonly PlacedPiece[]): PlacedPiece[][] {
  const stretches: PlacedPiece[][] = [];
  for (const ref of refs) {
    const last = stretches.at(-1);
    if (last !== undefined && last.at(-1)?.index === ref.index - 1) last.push(ref);
    else stretches.push([ref]);
  }
  return stretches;
}

// The chunk references of files that are ready to be recorded. Rule: rows are read in pages that stay below the border's
// limit, whether many files have one chunk or one has a thousand.

import { chunkCount } from "../../format/entry-faults.ts";
import { KIND } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { hasLists } from "../send/large-files.ts";
import { type PlacedPiece, readAllPlaced } from "../tables/piece-rows.ts";
import type { RecordableEntry } from "../tables/recordable-entries.ts";

/** The chunk references of small files, by entry; a file whose references exceed what is left has none. */
export function readInlineRefs(
  store: Store,
  entries: readonly RecordableEntry[],
  refsLeft: number,
): Map<number, PlacedPiece[]> {
  const ids: number[] = [];
  let count = 0;
  for (const { id, kind, isGone, sizeBytes } of entries) {
    if (kind !== KIND.file || isGone || hasLists(sizeBytes)) continue;
    count += chunkCount(sizeBytes);
    if (ids.length > 0 && count > refsLeft) break;
    ids.push(id);
  }
  return readAllPlaced(store, ids);
}

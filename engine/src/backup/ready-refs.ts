// The chunk references of files that are ready to be recorded. Rule: rows are read in pages that stay below the border's
// limit, whether many files have one chunk or one has a thousand.

import { chunkCount } from "../format/entry-faults.ts";
import type { BlobId } from "../ids.ts";
import { storedId } from "../ids.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { hasLists } from "./large-files.ts";

/** The chunk references of small files, by entry; a file whose references exceed what is left has none. */
export function readInlineRefs(ctx: Context, rows: readonly Row[], refsLeft: number): Map<number, Row[]> {
  const ids: number[] = [];
  let count = 0;
  for (const row of rows) {
    if (int(row, 3) !== KIND.file || int(row, 4) === STATE.gone || hasLists(int(row, 5))) continue;
    count += chunkCount(int(row, 5));
    if (ids.length > 0 && count > refsLeft) break;
    ids.push(int(row, 0));
  }
  const refs = new Map<number, Row[]>();
  // References of many small files, or of one with a thousand, stay below the border's limit.
  for (let begin = 0; begin < ids.length; begin += 50) {
    for (const [entry, entryRefs] of refsOf(ctx, ids.slice(begin, begin + 50))) refs.set(entry, entryRefs);
  }
  return refs;
}

function refsOf(ctx: Context, ids: readonly number[]): Map<number, Row[]> {
  const refs = new Map<number, Row[]>();
  for (let after = [0, -1]; ; ) {
    const rows = ctx.store.all(
      `SELECT p.idx, c.digest, c.offset, c.sealed, b.sha, b.epoch, p.entry FROM piece p JOIN chunk c ON c.id = p.chunk
         JOIN blob b ON b.id = c.blob WHERE p.entry IN (${ids.map(() => "?").join(",")})
         AND (p.entry > ? OR (p.entry = ? AND p.idx > ?)) ORDER BY p.entry, p.idx LIMIT 1500`,
      [...ids, after[0] ?? 0, after[0] ?? 0, after[1] ?? -1],
    );
    for (const row of rows) {
      const entry = int(row, 6);
      after = [entry, int(row, 0)];
      const known = refs.get(entry);
      if (known === undefined) refs.set(entry, [row]);
      else known.push(row);
    }
    if (rows.length < 1_500) return refs;
  }
}

/** The reference blobs of a file that needs them, in the order in which a header names them. */
export function readReferenceBlobs(ctx: Context, entry: number): BlobId[] {
  const rows = ctx.store.all("SELECT sha FROM blob WHERE owner = ? AND state = 1 ORDER BY sha", [entry]);
  return rows.map((row) => storedId<BlobId>(str(row, 0)));
}

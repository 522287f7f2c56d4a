// The parts that are wanted, as the Store holds them. Rule: a part's row and its file's count change in the same step,
// so that a file is ready exactly when all of its parts are written.

import type { DamageCode } from "../border/reasons.ts";
import type { ChunkId } from "../ids.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import type { WantedPart } from "./loads.ts";
import { PART, STATE } from "./schema.ts";

/** Rows that one question of the Store gives. */
export const ROWS_A_QUERY = 1_200;

/** Where a walk through the wanted parts stands: behind this row of this blob. */
export interface Place {
  readonly blob: number;
  readonly sha: string;
  readonly offset: number;
  readonly file: number;
  readonly idx: number;
}

/** The beginning of the next blob behind row `after` of which something is wanted, or null. */
export function nextBlob(store: Store, after: number): Place | null {
  const row = store.first(
    `SELECT p.blob, b.sha FROM restore_part p JOIN index_blob b ON b.id = p.blob
      WHERE p.blob > ? AND p.state = ${PART.wanted} ORDER BY p.blob LIMIT 1`,
    [after],
  );
  return row === null ? null : { blob: int(row, 0), sha: str(row, 1), offset: -1, file: 0, idx: 0 };
}

/** What is wanted of a blob behind a place, in the order of (offset, file, idx). */
export function wantedParts(store: Store, { blob, offset, file, idx }: Place): WantedPart[] {
  return store
    .all(
      `SELECT offset, file, idx, chunk, epoch, sealed FROM restore_part
        WHERE blob = ? AND (offset, file, idx) > (?, ?, ?) AND state = ${PART.wanted}
        ORDER BY offset, file, idx LIMIT ${ROWS_A_QUERY}`,
      [blob, offset, file, idx],
    )
    .map((row) => ({
      offset: int(row, 0),
      file: int(row, 1),
      idx: int(row, 2),
      chunk: str(row, 3) as ChunkId,
      epoch: int(row, 4),
      sealedBytes: int(row, 5),
    }));
}

/** Parts of one blob that were written into their files; files that have all of theirs are ready. */
export function markWritten(store: Store, blob: number, parts: readonly WantedPart[]): void {
  const rows: Row[] = [];
  const counts = new Map<number, number>();
  for (const { offset, file, idx } of parts) {
    rows.push([blob, offset, file, idx]);
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  store.runMany(
    `UPDATE restore_part SET state = ${PART.written} WHERE blob = ? AND offset = ? AND file = ? AND idx = ?`,
    rows,
  );
  store.runMany(
    `UPDATE restore_file SET state = CASE WHEN state = ${STATE.fetching} AND done + ? >= chunks THEN ${STATE.ready}
      ELSE state END, done = done + ? WHERE id = ?`,
    [...counts].map(([file, count]) => [count, count, file]),
  );
}

/** Fails files over their parts, and drops what else is wanted of them. */
export function failOverParts(store: Store, codes: ReadonlyMap<number, DamageCode>): void {
  store.runMany(
    `UPDATE restore_file SET state = ${STATE.failed}, code = ? WHERE id = ? AND state = ${STATE.fetching}`,
    [...codes].map(([file, code]) => [code, file]),
  );
  store.runMany(
    `UPDATE restore_part SET state = ${PART.dropped} WHERE file = ? AND state = ${PART.wanted}`,
    [...codes.keys()].map((file) => [file]),
  );
}

// Stored blobs that no record names (docs/format.md F-70). A server keeps them for a while only, so files that are under way
// for long are noted in records before they are complete. Rule: which blobs these are stands in their rows, since a process
// may be shorter than any blob takes: `record` is null until a record has named them, or nothing needed them any more.

import type { BlobId } from "../ids.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import type { Row } from "../store/store.ts";
import { int } from "../store/store.ts";
import { Folders } from "./folders.ts";
import type { RecordBuilder } from "./record-builder.ts";
import { ENTRY_COLUMNS } from "./record-builder.ts";
import { sinceMs } from "./run.ts";

/** Blobs after which a record is due. */
const BLOBS_A_RECORD = 64;
/** The longest that a stored blob stays without a record: half of what the server promises. */
const UNREFERENCED_MS = 43_200_000;
const FILES_IN_PROGRESS = 32;
const REFS_OF_ONE_IN_PROGRESS = 1_000;

/** True when a record is due because many stored blobs are named by none, or one of them for long. */
export function leavesBlobs(ctx: Context): boolean {
  const sql = "SELECT count(*), min(coalesce(stored_ms, 0)) FROM blob WHERE state = 1 AND record IS NULL";
  const row = ctx.store.first(sql) ?? [0, null];
  if (int(row, 0) >= BLOBS_A_RECORD) return true;
  return row[1] !== null && sinceMs(int(row, 1), ctx.now) >= UNREFERENCED_MS;
}

/** Adds what no record names yet of files that are still under way; true when nothing of it is left for another record. */
export function noteInProgress({ store }: Context, builder: RecordBuilder): boolean {
  const rows = store.all(
    `SELECT ${ENTRY_COLUMNS} FROM entry WHERE state IN (${STATE.new}, ${STATE.hashing}, ${STATE.pending})
       AND id IN (SELECT p.entry FROM blob b JOIN chunk c ON c.blob = b.id JOIN piece p ON p.chunk = c.id
       WHERE b.state = 1 AND b.record IS NULL AND p.idx >= 0) ORDER BY id LIMIT ${FILES_IN_PROGRESS}`,
  );
  const folders = new Folders(store);
  let isWhole = rows.length < FILES_IN_PROGRESS;
  for (const row of rows) {
    const refs = store.all(
      `SELECT p.idx, c.digest, c.offset, c.sealed, b.sha, b.epoch FROM piece p JOIN chunk c ON c.id = p.chunk
         JOIN blob b ON b.id = c.blob WHERE p.entry = ? AND p.idx >= 0 AND b.state = 1 AND b.record IS NULL
         ORDER BY p.idx LIMIT ${REFS_OF_ONE_IN_PROGRESS}`,
      [int(row, 0)],
    );
    // What is not stored yet, or stands in a record, leaves gaps.
    for (const run of runsOf(refs)) {
      const first = int(run[0] as Row, 0);
      if (!builder.addInProgress(row, folders.get(int(row, 1)), first, run)) return false;
      store.run("UPDATE entry SET noted = max(noted, ?) WHERE id = ?", [first + run.length, int(row, 0)]);
    }
    if (refs.length === REFS_OF_ONE_IN_PROGRESS) isWhole = false;
  }
  return isWhole;
}

/** Notes which blobs the record names. `isAll`: nothing needs the others that are stored, and they are not looked at again. */
export function markNamed({ store }: Context, number: number, named: readonly BlobId[], isAll: boolean): void {
  const unnamed = "UPDATE blob SET record = ? WHERE state = 1 AND record IS NULL";
  if (isAll) store.run(unnamed, [number]);
  else
    store.runMany(
      `${unnamed} AND sha = ?`,
      named.map((id) => [number, id]),
    );
}

/** The log ends with `number`: what records above it named is named by none again. */
export function forgetNames({ store }: Context, number: number): void {
  store.run("UPDATE blob SET record = NULL WHERE state = 1 AND record > ?", [number]);
}

/** References that follow on each other in their file, as lists of such. */
function runsOf(refs: readonly Row[]): Row[][] {
  const runs: Row[][] = [];
  for (const ref of refs) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && int(before, 0) + 1 === int(ref, 0)) last.push(ref);
    else runs.push([ref]);
  }
  return runs;
}

// What a record's end means to the rows that it names. Rule: `markSynced` is the only place that makes an entry synced out of
// a record, and it is called with a receipt that was verified.

import type { WaitingReason } from "../border/reasons.ts";
import type { Receipt } from "../format/receipt.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { putSetting } from "../store/settings.ts";
import type { StoreValue } from "../store/store.ts";
import { int } from "../store/store.ts";
import { supersede } from "./lost-records.ts";
import { forgetPieces } from "./pieces.ts";
import type { Run } from "./run.ts";
import { forgetNames } from "./unreferenced.ts";

/** The record is durable: what it names is synced, what it calls gone is forgotten. */
export function markSynced(ctx: Context, run: Run, receipt: Receipt, bytes: Uint8Array): void {
  const { store } = ctx;
  const { number, recordHash, timeMs } = receipt;
  const row = store.first(
    `SELECT count(*), coalesce(sum(size), 0) FROM entry WHERE record = ? AND state = ${STATE.recording} AND kind = 1`,
    [number],
  ) ?? [0, 0];
  run.counters.filesDone += int(row, 0);
  run.counters.bytesDone += int(row, 1);
  run.counters.bytesStored = Math.max(0, run.counters.bytesStored - int(row, 1));
  forgetPieces(ctx, `SELECT id FROM entry WHERE record = ? AND state = ${STATE.recording}`, [number]);
  store.run(
    `UPDATE entry SET state = ${STATE.synced}, reason = NULL, tries = 0, hashed = 0, noted = 0 WHERE record = ? AND state = ${STATE.recording}`,
    [number],
  );
  store.run(`DELETE FROM entry WHERE record = ? AND state = ${STATE.goneRecording}`, [number]);
  store.run("UPDATE entry SET replaces = replaces & 1 WHERE record = ? AND replaces > 1", [number]);
  store.run(
    "UPDATE record SET state = 1, hash = ?, receipt = ?, time_ms = ?, header = NULL, body = NULL WHERE number = ?",
    [recordHash, bytes, timeMs, number],
  );
  putSetting(store, "receipt", { number, hash: recordHash, timeMs });
  supersede(ctx, number);
}

/** The server refused a frozen record for good: its entries are ready for another one. */
export function unfreeze(ctx: Context, run: Run, number: number): void {
  const { store } = ctx;
  store.run(`UPDATE entry SET state = ${STATE.ready} WHERE record = ? AND state = ${STATE.recording}`, [number]);
  store.run(`UPDATE entry SET state = ${STATE.gone} WHERE record = ? AND state = ${STATE.goneRecording}`, [number]);
  store.run("UPDATE entry SET replaces = 1 WHERE record = ? AND replaces > 1", [number]);
  store.run(`UPDATE entry SET version = '' WHERE record = ? AND kind = ${KIND.file}`, [number]);
  store.run("DELETE FROM record WHERE number = ? AND state = 0", [number]);
  forgetNames(ctx, number - 1);
  run.countReady(ctx);
}

/**
 * Entries that meet a condition are recorded anew even where nothing changed: the log does not have them, or has something newer.
 * Synced ones wait from now on, for `reason`. Returns how many these are.
 */
export function recordAnew(
  ctx: Context,
  run: Run,
  which: string,
  params: readonly StoreValue[],
  reason: WaitingReason | null,
): number {
  const { store } = ctx;
  run.uncountSynced(ctx, which, params);
  const files = store.run(
    `UPDATE entry SET state = ${STATE.new}, reason = ?, version = '', hashed = 0, pending = 0, noted = 0
     WHERE state = ${STATE.synced} AND kind = ${KIND.file} AND ${which}`,
    [reason, ...params],
  );
  const others = store.run(
    `UPDATE entry SET state = ${STATE.ready}, reason = ?
     WHERE state = ${STATE.synced} AND kind <> ${KIND.file} AND ${which}`,
    [reason, ...params],
  );
  run.addReady(ctx, others.changes);
  // Those that were about to be read anyway must not be found to be recorded already.
  store.run(
    `UPDATE entry SET version = '' WHERE state NOT IN (${STATE.synced}, ${STATE.recording}) AND kind = ${KIND.file}
     AND version IS NOT NULL AND ${which}`,
    params,
  );
  return files.changes + others.changes;
}

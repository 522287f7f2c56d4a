// What a record's end means to the entries that it names. Rule: `endRecord` is called with a receipt that was verified, and nothing
// else lets a record make anything synced.

import type { WaitingReason } from "../../border/reasons.ts";
import type { Receipt } from "../../format/receipt.ts";
import type { Context } from "../../runtime/context.ts";
import { putSetting } from "../../store/settings.ts";
import type { Run } from "../run.ts";
import { forgetNames } from "../tables/blob-rows.ts";
import { markReceipted, recordAnew, unfreeze } from "../tables/entry-rows.ts";
import { type EntrySet, inFlight, recordedAfter } from "../tables/entry-sets.ts";
import { forgetPieces } from "../tables/piece-rows.ts";
import { addReceipt, frozenNumbers, removeFrozen } from "../tables/record-rows.ts";

/** The record is durable: what it names is synced, what it calls gone is forgotten. */
export function endRecord(ctx: Context, run: Run, receipt: Receipt, bytes: Uint8Array): void {
  const { store } = ctx;
  const { number, recordHash, timeMs } = receipt;
  run.countReceipted(ctx, number);
  forgetPieces(store, inFlight(number));
  markReceipted(store, number);
  const last = { number, hash: recordHash, timeMs };
  addReceipt(store, last, bytes);
  putSetting(store, "receipt", last);
}

/** The server refused a frozen record for good: its entries are ready for another one. */
export function giveUpRecord(ctx: Context, run: Run, number: number): void {
  const { store } = ctx;
  unfreeze(store, number);
  removeFrozen(store, number);
  forgetNames(store, number - 1);
  run.countReady(ctx);
}

/** Gives up the record in flight, if there is one. */
export function dropFrozen(ctx: Context, run: Run): void {
  for (const number of frozenNumbers(ctx.store)) giveUpRecord(ctx, run, number);
}

/**
 * Entries are recorded anew even where nothing changed: the log does not have them, or has something newer. Synced ones wait from
 * now on, for `reason`. Returns how many these are.
 */
export function recordSetAnew(ctx: Context, run: Run, set: EntrySet, reason: WaitingReason | null): number {
  run.uncountSynced(ctx, set);
  const { files, others } = recordAnew(ctx.store, set, reason);
  run.addReady(ctx, others);
  return files + others;
}

/** What the server lost with the records above `number` is recorded anew. */
export function recordAllAgain(ctx: Context, run: Run, number: number): number {
  return recordSetAnew(ctx, run, recordedAfter(number), "server-lost-records");
}

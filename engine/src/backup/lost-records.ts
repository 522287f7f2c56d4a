// Receipts of records that the server does not show any more (docs/format.md F-95). Rule: they stay until newer ones stand, and
// a server that shows those records again is believed at once, since our own receipts vouch for them.

import { invariant } from "../errors.ts";
import { hasEvidence } from "../evidence/seen.ts";
import { storedId } from "../ids.ts";
import type { Head } from "../peer/answers.ts";
import type { Context } from "../runtime/context.ts";
import { type LastReceipt, putSetting } from "../store/settings.ts";
import { int, type Store, str } from "../store/store.ts";

/** Sets receipted records above `number` aside: the server shows none of them. */
export function setAside({ store }: Context, number: number): void {
  store.run(
    `INSERT OR REPLACE INTO lost_record (number, epoch, hash, receipt, time_ms)
      SELECT number, epoch, hash, receipt, time_ms FROM record WHERE number > ? AND state = 1`,
    [number],
  );
  store.run("DELETE FROM record WHERE number > ?", [number]);
}

/** Whether the server's head is a record that was set aside. */
export function isSetAside({ store }: Context, { number, hash }: Head): boolean {
  return store.first("SELECT 1 FROM lost_record WHERE number = ? AND hash = ?", [number, hash]) !== null;
}

/** Takes up again what was set aside, as far as the server's head, which is one of those records. */
export function takeUpAgain({ store }: Context, head: Head): LastReceipt {
  const row = store.first("SELECT time_ms FROM lost_record WHERE number = ?", [head.number]);
  invariant(row !== null, "a head was not set aside");
  store.run(
    `INSERT OR REPLACE INTO record (number, state, epoch, hash, receipt, time_ms)
      SELECT number, 1, epoch, hash, receipt, time_ms FROM lost_record WHERE number <= ?`,
    [head.number],
  );
  store.run("DELETE FROM lost_record WHERE number <= ?", [head.number]);
  const receipt = { number: head.number, hash: head.hash, timeMs: int(row, 0) };
  putSetting(store, "receipt", receipt);
  return receipt;
}

/** The newest record that the server vouched for and does not show; null when there is none. Reads alone. */
export function lastSetAside(store: Store): LastReceipt | null {
  if (!hasEvidence(store)) return null;
  const row = store.first("SELECT number, hash, time_ms FROM lost_record ORDER BY number DESC LIMIT 1");
  return row === null ? null : { number: int(row, 0), hash: storedId(str(row, 1)), timeMs: int(row, 2) };
}

/** A newer record stands under this number: what was set aside from there on is past. */
export function supersede({ store }: Context, number: number): void {
  store.run("DELETE FROM lost_record WHERE number >= ?", [number]);
}

// Records: the one in flight, those with a receipt, and receipts of records that the server does not show any more (docs/format.md
// F-95). Rule: header and body are kept until the receipt, so that the same bytes are sent again; receipts that the server does not
// show stay until newer ones stand, and a server that shows those records again is believed at once.
//
//   (no row) ── freeze ──▶ frozen ── receipt verified ──▶ receipted ── the server lost it ──▶ set aside
//                             │ given up: row removed         ▲         shown again ───────────────┘
//
// Guarantee, which tests check after every step:
//
// - one record at the most waits for its receipt

import { hasEvidence } from "../../evidence/seen.ts";
import type { Digest } from "../../ids.ts";
import { bytes, columns, exists, id, int, Statement, scalars } from "../../store/columns.ts";
import type { LastReceipt } from "../../store/settings.ts";
import type { Store } from "../../store/store.ts";

/** Start ids that are kept: of about a day of short processes. */
const STARTS_KEPT = 100;

/** A record that was written and has no receipt. */
export interface FrozenRecord {
  readonly number: number;
  readonly epoch: number;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

const FROZEN = columns({ number: int, epoch: int, header: bytes, body: bytes });
const FREEZE = new Statement<FrozenRecord>(
  "INSERT INTO record (number, state, epoch, header, body) VALUES (:number, 0, :epoch, :header, :body)",
);

export function addFrozen(store: Store, record: FrozenRecord): void {
  FREEZE.run(store, record);
}

export function hasFrozen(store: Store): boolean {
  return exists(store, "FROM record WHERE state = 0");
}

export function readFrozen(store: Store): FrozenRecord | null {
  return FROZEN.first(store, "FROM record WHERE state = 0");
}

export function frozenNumbers(store: Store): number[] {
  return scalars(store, int, "SELECT number FROM record WHERE state = 0");
}

export function removeFrozen(store: Store, number: number): void {
  store.run("DELETE FROM record WHERE number = ? AND state = 0", [number]);
}

/** The server holds another record under this number. */
export function markRefused(store: Store, number: number): void {
  store.run("UPDATE record SET refused = 1 WHERE number = ? AND state = 0", [number]);
}

export function hasRefused(store: Store): boolean {
  return exists(store, "FROM record WHERE state = 0 AND refused = 1");
}

/** Whether the record of this number was sent, perhaps, and never answered. */
export function isUnanswered(store: Store, number: number): boolean {
  return exists(store, "FROM record WHERE number = ? AND state = 0 AND refused = 0", [number]);
}

const RECEIPTED = new Statement<LastReceipt & { readonly receipt: Uint8Array }>(
  `UPDATE record SET state = 1, hash = :hash, receipt = :receipt, time_ms = :timeMs, header = NULL, body = NULL
   WHERE number = :number`,
);

/** The frozen record of this number has this receipt, which was verified. */
export function addReceipt(store: Store, last: LastReceipt, receipt: Uint8Array): void {
  RECEIPTED.run(store, { ...last, receipt });
  supersede(store, last.number);
}

const ADOPTED = new Statement<LastReceipt & { readonly epoch: number; readonly receipt: Uint8Array | null }>(
  `INSERT OR REPLACE INTO record (number, state, epoch, hash, receipt, time_ms)
   VALUES (:number, 1, :epoch, :hash, :receipt, :timeMs)`,
);

/** A record of this device's log that this database did not know; epoch 0: nobody knows which. */
export function addAdopted(store: Store, last: LastReceipt, epoch: number, receipt: Uint8Array | null): void {
  ADOPTED.run(store, { ...last, epoch, receipt });
  supersede(store, last.number);
}

const RECEIPT = columns({ number: int, hash: id<Digest>, timeMs: ["time_ms", int] });

export function readReceipted(store: Store, number: number): LastReceipt | null {
  return RECEIPT.first(store, "FROM record WHERE number = ? AND state = 1", [number]);
}

/** Sets receipted records above `number` aside: the server shows none of them. */
export function setAside(store: Store, number: number): void {
  store.run(
    `INSERT OR REPLACE INTO lost_record (number, epoch, hash, receipt, time_ms)
      SELECT number, epoch, hash, receipt, time_ms FROM record WHERE number > ? AND state = 1`,
    [number],
  );
  store.run("DELETE FROM record WHERE number > ?", [number]);
}

/** What was set aside under this number; null when nothing was, or another record. */
export function findSetAside(store: Store, number: number, hash: Digest): LastReceipt | null {
  return RECEIPT.first(store, "FROM lost_record WHERE number = ? AND hash = ?", [number, hash]);
}

/** The server shows what was set aside, up to this number. */
export function takeUpAgain(store: Store, number: number): void {
  store.run(
    `INSERT OR REPLACE INTO record (number, state, epoch, hash, receipt, time_ms)
      SELECT number, 1, epoch, hash, receipt, time_ms FROM lost_record WHERE number <= ?`,
    [number],
  );
  store.run("DELETE FROM lost_record WHERE number <= ?", [number]);
}

/** The newest record that the server vouched for and does not show; null when there is none. Reads alone. */
export function lastSetAside(store: Store): LastReceipt | null {
  return hasEvidence(store) ? RECEIPT.first(store, "FROM lost_record ORDER BY number DESC LIMIT 1") : null;
}

/** A newer record stands under this number: what was set aside from there on is past. */
function supersede(store: Store, number: number): void {
  store.run("DELETE FROM lost_record WHERE number >= ?", [number]);
}

/** Notes that a record's damage is answered; false when it was before. */
export function addAnswered(store: Store, number: number): boolean {
  return store.run("INSERT OR IGNORE INTO answered_record (number) VALUES (?)", [number]).changes > 0;
}

/** Numbers above `number` are used again: what was answered of them is past. */
export function forgetAnswered(store: Store, number: number): void {
  store.run("DELETE FROM answered_record WHERE number > ?", [number]);
}

/** The start id of this process, which its records name (F-62). Those of many processes before it stay for a while, unread. */
export function addStart(store: Store, id: string, now: number): void {
  store.run(`DELETE FROM start WHERE id NOT IN (SELECT id FROM start ORDER BY at_ms DESC LIMIT ${STARTS_KEPT - 1})`);
  store.run("INSERT INTO start (id, at_ms) VALUES (?, ?)", [id, now]);
}

// Epochs and their envelopes (docs/format.md §5). Rule: an envelope's bytes are here before they are first sent, and stay the same.
//
//   made ── the server took it ──▶ stored ── the database was rolled back ──▶ closed
//    │ ▲                              │                                          │
//    │ └──── the server lost it ──────┘     closing ◀── the server lost it ──────┘
//    │                                         └── the server took it ──▶ closed
//    └── the server has another one of that number ──▶ refused
//
// Nothing is sealed any more under one that is closing or closed; its envelope is sent all the same, for stored blobs may need it.

import type { Digest } from "../../ids.ts";
import { bytes, columns, exists, id, int, Statement, scalar, scalars } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";

const EPOCH = { made: 0, stored: 1, refused: 2, closing: 3, closed: 4 } as const;
const UNSENT = `state IN (${EPOCH.made}, ${EPOCH.closing})`;

export interface CurrentEpoch {
  readonly number: number;
  readonly hash: Digest;
  readonly startedMs: number;
  readonly bytes: number;
}

const CURRENT = columns({ number: int, hash: id<Digest>, startedMs: ["started_ms", int], bytes: int });

/** The epoch under which is sealed now; null when the server has none that is open. */
export function currentEpoch(store: Store): CurrentEpoch | null {
  return CURRENT.first(store, `FROM epoch WHERE state = ${EPOCH.stored} AND erased = 0 ORDER BY number DESC LIMIT 1`);
}

/** The highest number that this database knows; 0 when there is none. */
export function newestEpoch(store: Store): number {
  return scalar(store, int, "SELECT coalesce(max(number), 0) FROM epoch");
}

/** The newest epoch under which something may be sealed yet; null when there is none. */
export function newestOpenEpoch(store: Store): number | null {
  const sql = `SELECT number FROM epoch WHERE state IN (${EPOCH.made}, ${EPOCH.stored}) ORDER BY number DESC LIMIT 1`;
  return scalars(store, int, sql)[0] ?? null;
}

const MADE = new Statement<{ number: number; envelope: Uint8Array; hash: Digest; startedMs: number }>(
  `INSERT INTO epoch (number, envelope, hash, state, started_ms, bytes)
   VALUES (:number, :envelope, :hash, ${EPOCH.made}, :startedMs, 0)`,
);

export function addEpoch(store: Store, number: number, envelope: Uint8Array, hash: Digest, startedMs: number): void {
  MADE.run(store, { number, envelope, hash, startedMs });
}

export function addSealedBytes(store: Store, blob: number, sizeBytes: number): void {
  const sql = "UPDATE epoch SET bytes = bytes + ? WHERE number = (SELECT epoch FROM blob WHERE id = ?)";
  store.run(sql, [sizeBytes, blob]);
}

export function hasUnsentEnvelope(store: Store): boolean {
  return exists(store, `FROM epoch WHERE ${UNSENT}`);
}

const ENVELOPE = columns({ number: int, envelope: bytes });

/** The unsent envelope of the lowest number. */
export function nextUnsent(store: Store): { readonly number: number; readonly envelope: Uint8Array } | null {
  return ENVELOPE.first(store, `FROM epoch WHERE ${UNSENT} ORDER BY number LIMIT 1`);
}

/** The server took the envelope. */
export function markSent(store: Store, number: number): void {
  const sent = `CASE state WHEN ${EPOCH.made} THEN ${EPOCH.stored} ELSE ${EPOCH.closed} END`;
  store.run(`UPDATE epoch SET state = ${sent} WHERE number = ?`, [number]);
}

/** The server has another one of that number. */
export function markRefused(store: Store, number: number): void {
  store.run("UPDATE epoch SET state = ? WHERE number = ?", [EPOCH.refused, number]);
}

/** All envelopes that were sent are to be sent again. Returns how many there are. */
export function resendEnvelopes(store: Store): number {
  const open = store.run(`UPDATE epoch SET state = ${EPOCH.made} WHERE state = ${EPOCH.stored}`);
  const closed = store.run(`UPDATE epoch SET state = ${EPOCH.closing} WHERE state = ${EPOCH.closed}`);
  return open.changes + closed.changes;
}

/** One envelope is to be sent again; false when it is not one that the server was sent. */
export function resendEnvelope(store: Store, number: number): boolean {
  const open = `UPDATE epoch SET state = ${EPOCH.made} WHERE state = ${EPOCH.stored} AND number = ?`;
  const closed = `UPDATE epoch SET state = ${EPOCH.closing} WHERE state = ${EPOCH.closed} AND number = ?`;
  return store.run(open, [number]).changes + store.run(closed, [number]).changes > 0;
}

const HASH = columns({ number: int, hash: id<Digest> });

/** The hashes of all envelopes that the server answered that it has, by number. */
export function sentEnvelopes(store: Store): Map<number, Digest> {
  const sent = HASH.all(store, `FROM epoch WHERE state IN (${EPOCH.stored}, ${EPOCH.closed})`);
  return new Map(sent.map(({ number, hash }) => [number, hash]));
}

/** Nothing is sealed any more under any epoch so far: a database that was rolled back may name one whose secret is gone. */
export function closeEpochs(store: Store): void {
  store.run(`UPDATE epoch SET state = ${EPOCH.closed} WHERE state = ${EPOCH.stored}`);
  store.run(`UPDATE epoch SET state = ${EPOCH.closing} WHERE state = ${EPOCH.made}`);
}

/** The newest epoch whose secrets were erased; 0 when there is none. */
export function newestErased(store: Store): number {
  return scalar(store, int, "SELECT coalesce(max(number), 0) FROM epoch WHERE erased = 1");
}

export function markErased(store: Store, number: number): void {
  store.run("UPDATE epoch SET erased = 1 WHERE number = ?", [number]);
}

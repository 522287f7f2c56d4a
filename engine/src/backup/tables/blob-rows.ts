// Blobs, from the plan to the record that names them. Rule: which stored blobs no record names stands in their rows, since a
// process may be shorter than any blob takes (docs/format.md F-70).
//
//   planned ── upload answered ──▶ stored, named by none ── a record names it, or nothing needs it ──▶ named
//      │ given up: row removed         ▲                                                                │
//      │                               └────────────────── the log ends before that record ────────────┘
//      └── retry_ms: not sent again before; tries: how often it was sent in vain

import type { BlobId } from "../../ids.ts";
import { columns, exists, id, int, orNull, Statement, scalar, scalars } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";

export const BLOB_KIND = { parts: 0, references: 1 } as const;
/** Tries after which a run that must end leaves a blob for the next one. */
export const STUCK_TRIES = 5;
/** A plan that was sent so often in vain lets others go before it. */
export const TIRED_TRIES = 3;
/** The longest that a blob waits before it is sent again. */
export const RETRY_CAP_MS = 900_000;
const IDS_A_QUERY = 1_000;
const STUCK = `tries >= ${STUCK_TRIES} AND retry_ms IS NOT NULL`;
const UNNAMED = "state = 1 AND record IS NULL";

/** A blob to be sent; `owner`: the file whose needs a reference blob lists. */
export interface Plan {
  readonly kind: number;
  readonly sizeBytes: number;
  readonly epoch: number;
  readonly owner: number | null;
}

const PLAN = columns({ kind: int, sizeBytes: ["size", int], epoch: int, owner: orNull(int) });
const ADD = new Statement<Plan>(
  "INSERT INTO blob (kind, size, epoch, state, owner) VALUES (:kind, :sizeBytes, :epoch, 0, :owner)",
);

/** Returns the new blob's row id. */
export function addPlan(store: Store, plan: Plan): number {
  return ADD.run(store, plan).lastId;
}

export function readPlan(store: Store, blob: number): Plan | null {
  return PLAN.first(store, "FROM blob WHERE id = ?", [blob]);
}

export function removeBlob(store: Store, blob: number): void {
  store.run("DELETE FROM blob WHERE id = ?", [blob]);
}

export function newestBlob(store: Store): number {
  return scalar(store, int, "SELECT coalesce(max(id), 0) FROM blob");
}

export function readPlans(store: Store): number[] {
  return scalars(store, int, "SELECT id FROM blob WHERE state = 0");
}

export function hasPlans(store: Store): boolean {
  return exists(store, "FROM blob WHERE state = 0");
}

/** Whether anything is planned but for what is refused again and again. */
export function hasHopefulPlans(store: Store): boolean {
  return exists(store, `FROM blob WHERE state = 0 AND NOT (${STUCK})`);
}

/**
 * Plans that may be sent now, `most` of them: those that failed seldom, or those that failed often, for which others are not to
 * wait. A run that must end leaves out what is stuck.
 */
export function readSendable(
  store: Store,
  now: number,
  which: "fresh" | "tired",
  most: number,
  mustEnd: boolean,
): number[] {
  const [tries, order] = which === "fresh" ? ["<", "id"] : [">=", "tries, id"];
  // What is to be sent later than any blob waits comes from a clock that was set back since.
  const isDue = `(retry_ms IS NULL OR retry_ms <= ${now} OR retry_ms > ${now + RETRY_CAP_MS})`;
  const sql = `SELECT id FROM blob WHERE state = 0 AND tries ${tries} ${TIRED_TRIES} AND ${isDue}
    ${mustEnd ? `AND NOT (${STUCK})` : ""} ORDER BY ${order} LIMIT ${most}`;
  return scalars(store, int, sql);
}

export function countTired(store: Store): number {
  return scalar(store, int, `SELECT count(*) FROM blob WHERE state = 0 AND tries >= ${TIRED_TRIES}`);
}

/** Plans of more bytes than `fitsBytes` that no process lived to see arrive. */
export function readOutlived(store: Store, fitsBytes: number): number[] {
  const sql = "SELECT id FROM blob WHERE state = 0 AND kind = ? AND tries > 1 AND size > ?";
  return scalars(store, int, sql, [BLOB_KIND.parts, fitsBytes]);
}

/** The size of the largest plan that was sent so often in vain, null when there is none. */
export function largestInVain(store: Store, tries: number): number | null {
  const sql = "SELECT max(size) FROM blob WHERE state = 0 AND kind = 0 AND tries >= ?";
  return scalar(store, orNull(int), sql, [tries]);
}

const TRIED = columns({ sizeBytes: ["size", int], tries: int });

export function readTries(store: Store, blob: number): { readonly sizeBytes: number; readonly tries: number } {
  return TRIED.first(store, "FROM blob WHERE id = ?", [blob]) ?? { sizeBytes: 0, tries: 0 };
}

export function noteTry(store: Store, blob: number): void {
  store.run("UPDATE blob SET tries = tries + 1, retry_ms = NULL WHERE id = ?", [blob]);
}

export function markStuck(store: Store, blob: number): void {
  store.run("UPDATE blob SET tries = ? WHERE id = ?", [STUCK_TRIES, blob]);
}

export function putOff(store: Store, blob: number, untilMs: number): void {
  store.run("UPDATE blob SET retry_ms = ? WHERE id = ?", [untilMs, blob]);
}

/** Whatever was put off is tried again. */
export function forgetTries(store: Store): void {
  store.run("UPDATE blob SET tries = 0, retry_ms = NULL WHERE state = 0 AND retry_ms IS NOT NULL");
}

/** When the next one may be sent again that may not be sent yet; null when there is none. */
export function nextRetryMs(store: Store, now: number, mustEnd: boolean): number | null {
  const all = `SELECT min(retry_ms) FROM blob WHERE state = 0 AND retry_ms > ${now}`;
  return scalar(store, orNull(int), mustEnd ? `${all} AND tries < ${STUCK_TRIES}` : all);
}

/** The server answered that it has the blob. */
export function markStored(store: Store, blob: number, sha256: string, sizeBytes: number, now: number): void {
  const sql = "UPDATE blob SET state = 1, sha = ?, size = ?, stored_ms = ?, tries = 0, retry_ms = NULL WHERE id = ?";
  store.run(sql, [sha256, sizeBytes, now, blob]);
}

const SIZED = columns({ id: int, sizeBytes: ["size", int] });
const NAMED = columns({ id: int, sha: id<BlobId> });

export function findBlobs(store: Store, sha: BlobId): { readonly id: number; readonly sizeBytes: number }[] {
  return SIZED.all(store, "FROM blob WHERE sha = ?", [sha]);
}

export function storedUnder(store: Store, epoch: number): BlobId[] {
  return scalars(store, id<BlobId>, "SELECT sha FROM blob WHERE epoch = ? AND state = 1", [epoch]);
}

/** Some stored blobs behind `after`, in the order of their rows. */
export function storedAfter(store: Store, after: number): { readonly id: number; readonly sha: BlobId }[] {
  return NAMED.all(store, `FROM blob WHERE state = 1 AND id > ? ORDER BY id LIMIT ${IDS_A_QUERY}`, [after]);
}

/** How many reference blobs a file has, stored or not; those before `blob` alone when one is given. */
export function countReferences(store: Store, owner: number, blob: number | null): number {
  const sql = "SELECT count(*) FROM blob WHERE owner = ?";
  return blob === null ? scalar(store, int, sql, [owner]) : scalar(store, int, `${sql} AND id < ?`, [owner, blob]);
}

/** The stored reference blobs of a file, in the order in which a header names them. */
export function readReferences(store: Store, owner: number): BlobId[] {
  return scalars(store, id<BlobId>, "SELECT sha FROM blob WHERE owner = ? AND state = 1 ORDER BY sha", [owner]);
}

const LEFT = columns({ count: ["count(*)", int], sinceMs: ["min(coalesce(stored_ms, 0))", orNull(int)] });

/** How many stored blobs no record names, and since when the oldest is stored; null when there is none. */
export function sumUnnamed(store: Store): { readonly count: number; readonly sinceMs: number | null } {
  return LEFT.first(store, `FROM blob WHERE ${UNNAMED}`) ?? { count: 0, sinceMs: null };
}

/** A record names these. */
export function markNamed(store: Store, number: number, named: readonly BlobId[]): void {
  store.runMany(
    `UPDATE blob SET record = ? WHERE ${UNNAMED} AND sha = ?`,
    named.map((sha) => [number, sha]),
  );
}

/** Nothing needs the stored ones that no record up to this one names: they are not looked at again. */
export function markUnneeded(store: Store, number: number): void {
  store.run(`UPDATE blob SET record = ? WHERE ${UNNAMED}`, [number]);
}

/** The log ends with `number`: what records above it named is named by none again. */
export function forgetNames(store: Store, number: number): void {
  store.run("UPDATE blob SET record = NULL WHERE state = 1 AND record > ?", [number]);
}

// What listings make of entries: the arrows of `entry-rows.ts` that begin with a sight. Rule: what is unchanged costs no write, and
// an entry goes only with its folder or after a whole listing that lacks it.

import type { WaitingReason } from "../../border/reasons.ts";
import { Statement } from "../../store/columns.ts";
import { KIND, STATE } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { NOTHING_READ, STAT, type StatColumns } from "./entry-rows.ts";
import { type EntrySet, missingIn } from "./entry-sets.ts";

/** What a listing makes of an entry. */
export interface Sighting extends StatColumns {
  readonly kind: number;
  readonly state: number;
  readonly target: string | null;
  readonly reason: WaitingReason | null;
  readonly rule: string | null;
}

const FOUND = new Statement<Sighting & { readonly folder: number; readonly name: string }>(
  `INSERT INTO entry (folder, name, kind, state, size, mtime_s, mtime_us, ctime_s, ctime_us, mode, identity, target, reason, rule)
   VALUES (:folder, :name, :kind, :state, :sizeBytes, :mtimeS, :mtimeUs, :ctimeS, :ctimeUs, :mode, :identity, :target, :reason, :rule)`,
);

export function addFound(store: Store, folder: number, found: readonly (Sighting & { readonly name: string })[]): void {
  FOUND.runMany(
    store,
    found.map((one) => ({ ...one, folder })),
  );
}

const UNSEEN = new Statement<Unseen & { readonly folder: number; readonly state: number }>(
  `INSERT INTO entry (folder, name, kind, state, size, mtime_s, mtime_us, identity, reason, rule, unseen)
   VALUES (:folder, :name, ${KIND.other}, :state, 0, 0, 0, '', :reason, :rule, :reason)`,
);

/** A name that was listed and cannot be looked at; one that a rule excludes has no reason. */
export interface Unseen {
  readonly name: string;
  readonly rule: string | null;
  readonly reason: WaitingReason | null;
}

export function addUnseen(store: Store, folder: number, unseen: readonly Unseen[]): void {
  const stateOf = ({ rule }: Unseen): number => (rule === null ? STATE.waiting : STATE.excluded);
  UNSEEN.runMany(
    store,
    unseen.map((one) => ({ ...one, folder, state: stateOf(one) })),
  );
}

const CHANGED = new Statement<Sighting & { readonly id: number; readonly isReplaced: boolean }>(
  `UPDATE entry SET kind = :kind, state = :state, ${STAT}, target = :target, reason = :reason, rule = :rule, ${NOTHING_READ}, racy = 0,
   missing = 0, tries = 0, retry_at = NULL, unseen = NULL, version = CASE WHEN :isReplaced = 1 THEN '' ELSE version END,
   replaces = replaces | :isReplaced WHERE id = :id`,
);

/** `isReplaced`: the log has something else under this path, or calls it gone, and has to hear that first. */
export function markChanged(
  store: Store,
  changed: readonly (Sighting & { readonly id: number; readonly isReplaced: boolean })[],
): void {
  CHANGED.runMany(store, changed);
}

/** What a record says of a root's own folder. */
export interface RootSighting {
  readonly id: number;
  readonly state: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly mode: number | null;
  readonly reason: WaitingReason | null;
}

const ROOT_CHANGED = new Statement<RootSighting>(
  "UPDATE entry SET state = :state, mtime_s = :mtimeS, mtime_us = :mtimeUs, mode = :mode, reason = :reason WHERE id = :id",
);

export function markRootChanged(store: Store, root: RootSighting): void {
  ROOT_CHANGED.run(store, root);
}

/** A known entry, and why it cannot be looked at. */
interface Hidden {
  readonly id: number;
  readonly reason: WaitingReason;
}

const HIDDEN = new Statement<Hidden>("UPDATE entry SET unseen = :reason WHERE id = :id");

/** The rest of the row, and its state, stay as they were. */
export function markUnseen(store: Store, hidden: readonly Hidden[]): void {
  HIDDEN.runMany(store, hidden);
}

export function markSeen(store: Store, ids: readonly number[]): void {
  store.runMany(
    "UPDATE entry SET unseen = NULL WHERE id = ?",
    ids.map((id) => [id]),
  );
}

const AWAIT_SIGHT = new Statement<Hidden>(
  `UPDATE entry SET state = ${STATE.waiting}, rule = NULL, reason = :reason, unseen = :reason
   WHERE id = :id AND kind <> ${KIND.folder}`,
);

export function awaitSight(store: Store, hidden: readonly Hidden[]): void {
  AWAIT_SIGHT.runMany(store, hidden);
}

export function exclude(store: Store, { where, params }: EntrySet, rule: string): void {
  const set = `state = ${STATE.excluded}, rule = ?, reason = NULL, unseen = NULL`;
  store.run(`UPDATE entry SET ${set} WHERE ${where}`, [rule, ...params]);
}

/** What is missing in a folder: what the log never had is forgotten. Returns how many are to be recorded as gone. */
export function callGone(store: Store, folder: number): number {
  const { where, params } = missingIn(folder);
  // A folder that was never recorded may still hold files that were.
  const unrecorded = `(state = ${STATE.excluded} OR (version IS NULL AND kind <> ${KIND.folder}))`;
  store.run(`DELETE FROM entry WHERE ${where} AND ${unrecorded}`, params);
  const set = `state = ${STATE.gone}, missing = 0, reason = NULL, record = NULL`;
  return store.run(`UPDATE entry SET ${set} WHERE ${where}`, params).changes;
}

export function forget(store: Store, { where, params }: EntrySet): void {
  store.run(`DELETE FROM entry WHERE ${where}`, params);
}

// The roots that a device backs up. Rule: forgetting one forgets local rows only; what was synced stays restorable, and nothing is
// recorded as gone.

import type { RootView } from "../../border/views.ts";
import { columns, exists, flag, int, orNull, scalars, text, word } from "../../store/columns.ts";
import { hasSight, STATE } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { inRoot } from "./entry-sets.ts";

/** Names that are compared at the most; a listing answers with fewer at a time. */
const MOST_NAMES = 1_000;

export type Unavailable = RootView["unavailable"];

export interface RootRow {
  readonly id: number;
  readonly name: string;
  readonly locator: string;
  readonly excludes: readonly string[];
  readonly identity: string | null;
  readonly unavailable: Unavailable;
}

const ROOT = columns({
  id: int,
  name: text,
  locator: text,
  excludes: (value) => JSON.parse(text(value)) as readonly string[],
  identity: orNull(text),
  unavailable: orNull(word<NonNullable<Unavailable>>),
});

export function readRoot(store: Store, id: number): RootRow | null {
  return ROOT.first(store, "FROM root WHERE id = ?", [id]);
}

/** By name. */
export function readRoots(store: Store): RootRow[] {
  return ROOT.all(store, "FROM root ORDER BY name");
}

export function findRoot(store: Store, name: string): number | null {
  return scalars(store, int, "SELECT id FROM root WHERE name = ?", [name])[0] ?? null;
}

export function findRootAt(store: Store, locator: string): RootRow | null {
  return ROOT.first(store, "FROM root WHERE locator = ?", [locator]);
}

export function hasRoot(store: Store, id: number): boolean {
  return exists(store, "FROM root WHERE id = ?", [id]);
}

export function addRoot(store: Store, name: string, locator: string, excludes: readonly string[]): void {
  const params = [name, locator, JSON.stringify(excludes)];
  const { lastId } = store.run("INSERT INTO root (name, locator, excludes) VALUES (?, ?, ?)", params);
  store.run("INSERT INTO folder (root, path, due) VALUES (?, '', 1)", [lastId]);
}

export function setExcludes(store: Store, id: number, excludes: readonly string[]): void {
  store.run("UPDATE root SET excludes = ? WHERE id = ?", [JSON.stringify(excludes), id]);
}

/** Forgets a root and everything in it. */
export function forgetRoot(store: Store, id: number): void {
  const { ids, where, params } = inRoot(id);
  store.run(`DELETE FROM piece WHERE entry IN (${ids})`, params);
  store.run(`DELETE FROM chunk WHERE blob = 0 AND source IN (${ids})`, params);
  store.run(`DELETE FROM entry WHERE ${where}`, params);
  store.run("DELETE FROM folder WHERE root = ?", [id]);
  store.run("DELETE FROM root WHERE id = ?", [id]);
}

export function markSeen(store: Store, id: number, identity: string): void {
  store.run("UPDATE root SET identity = ?, unavailable = NULL WHERE id = ?", [identity, id]);
}

export function markUnavailable(store: Store, id: number, reason: NonNullable<Unavailable>): void {
  store.run("UPDATE root SET unavailable = ? WHERE id = ?", [reason, id]);
}

/** Changes below the root may, or cannot, go unseen. False when that was known. */
export function markUnwatched(store: Store, id: number, isUnwatched: boolean): boolean {
  const unwatched = isUnwatched ? 1 : 0;
  return (
    store.run("UPDATE root SET unwatched = ? WHERE id = ? AND unwatched <> ?", [unwatched, id, unwatched]).changes > 0
  );
}

/** Whoever observes the roots says anew where he cannot. */
export function forgetUnwatched(store: Store): void {
  store.run("UPDATE root SET unwatched = 0 WHERE unwatched = 1");
}

/** Names that are known right in a root's own folder, up to `upTo` (null: all), in order. */
export function namesAtTop(store: Store, id: number, upTo: string | null): string[] {
  return scalars(
    store,
    text,
    `SELECT e.name FROM entry e JOIN folder f ON f.id = e.folder WHERE f.root = ? AND f.path = '' AND e.name <> '' AND f.believed = 0
     AND e.state NOT IN (${STATE.gone}, ${STATE.goneRecording})
     ${upTo === null ? "" : "AND e.name <= ?"} ORDER BY e.name LIMIT ${MOST_NAMES}`,
    upTo === null ? [id] : [id, upTo],
  );
}

export function viewRoots(store: Store): RootView[] {
  // A database from before this version lacks the column until its first run.
  const unwatched = hasSight(store) ? "unwatched" : "0";
  const seen = columns({ name: text, unwatched: [unwatched, flag] }).all(store, "FROM root ORDER BY name");
  return readRoots(store).map(({ name, locator, excludes, unavailable }, index) => ({
    name,
    locator,
    excludes,
    unavailable,
    unwatched: seen[index]?.unwatched === true,
  }));
}

// Folders, and how far each is listed. Rule: with a listing that is broken off everything goes that it had found missing, since
// only a whole one says that something is gone (docs/format.md F-72).
//
//   due 0 (at rest) ── a sweep, a change ──▶ due, after null ── a piece was compared ──▶ due, after = its last name
//      ▲                                        ▲ listed again, process ended ─────────────┘        │
//      └────────────────────────────────────────┴──── listed to its end, or not to be listed ──────┘

import type { ScanFailure } from "../../border/sights.ts";
import { columns, exists, int, orNull, Statement, scalar, scalars, text } from "../../store/columns.ts";
import type { Row, Store } from "../../store/store.ts";
import { FOLDER_OR_BELOW, folderRange } from "./entry-sets.ts";

/**
 * Why a folder is to be listed, in the order in which that is done: it was named as changed or is new, a sweep has not come to it
 * yet, or one that was broken off had listed it before the run began.
 */
export const DUE = { changed: 1, sweep: 2, nextSweep: 3 } as const;
/** What is marked in a folder whose listing goes on: that something is missing, or that nothing may be called so. */
export const MISSING = { nothing: 0, something: 1, unknown: 2 } as const;
/** The rule that excludes a folder of Coffre's own. */
export const OWN_FOLDER = "own-folder";
const FOLDERS_A_PAGE = 48;

export interface FolderPlace {
  readonly root: number;
  readonly rootName: string;
  readonly locator: string;
  readonly path: string;
}

const PLACE = columns({
  root: ["r.id", int],
  rootName: ["r.name", text],
  locator: ["r.locator", text],
  path: ["f.path", text],
});

export function readPlace(store: Store, folder: number): FolderPlace | null {
  return PLACE.first(store, "FROM folder f JOIN root r ON r.id = f.root WHERE f.id = ?", [folder]);
}

/** A folder as its listing finds it. */
export interface ListedRow {
  readonly id: number;
  readonly path: string;
  /** Names up to this one were compared already. */
  readonly after: string | null;
  /** The rule that excludes the folder and so everything in it. */
  readonly rule: string | null;
  /** One of `MISSING`. */
  readonly missing: number;
  readonly due: number;
  readonly failed: string | null;
}

const LISTED = columns({
  id: int,
  path: text,
  after: orNull(text),
  rule: orNull(text),
  missing: int,
  due: int,
  failed: orNull(text),
});

export function findFolder(store: Store, root: number, path: string): ListedRow | null {
  return LISTED.first(store, "FROM folder WHERE root = ? AND path = ?", [root, path]);
}

export function isOwnFolder(store: Store, root: number, path: string): boolean {
  return exists(store, `FROM folder WHERE root = ? AND path = ? AND rule = '${OWN_FOLDER}'`, [root, path]);
}

/** A folder and the rule that excludes it. */
export interface FolderRule {
  readonly root: number;
  readonly path: string;
  readonly rule: string | null;
}

const ADD = new Statement<FolderRule>(
  "INSERT OR IGNORE INTO folder (root, path, due, rule) VALUES (:root, :path, 1, :rule)",
);
const RULE = new Statement<FolderRule>("UPDATE folder SET rule = :rule, due = 1 WHERE root = :root AND path = :path");

/** Folders that a listing found; those that are known already stay as they are. */
export function addFolders(store: Store, found: readonly FolderRule[]): void {
  ADD.runMany(store, found);
}

/** Folders that another rule excludes than before, or none any more. */
export function markRules(store: Store, changed: readonly FolderRule[]): void {
  RULE.runMany(store, changed);
}

/** A folder of Coffre's own: it is looked at in sweeps, and nothing in it is. */
export function addOwnFolder(store: Store, root: number, path: string): void {
  store.run("INSERT INTO folder (root, path, due, rule) VALUES (?, ?, 0, ?)", [root, path, OWN_FOLDER]);
}

export function forgetFolder(store: Store, folder: number): void {
  store.run("DELETE FROM folder WHERE id = ?", [folder]);
}

export function forgetFolders(store: Store, root: number, path: string): void {
  store.run(`DELETE FROM folder WHERE ${FOLDER_OR_BELOW}`, folderRange(root, path));
}

/** The folder is due from its beginning. */
export function listAgain(store: Store, folder: number): void {
  beginAnew(store, "id = ?", [folder]);
}

export function listRootAgain(store: Store, root: number): void {
  beginAnew(store, "root = ?", [root]);
}

/** False when no folder has this path. */
export function listPathAgain(store: Store, root: number, path: string): boolean {
  return beginAnew(store, "root = ? AND path = ?", [root, path]) > 0;
}

function beginAnew(store: Store, which: string, params: Row): number {
  store.run(
    `UPDATE entry SET missing = 0 WHERE missing = 1 AND folder IN (SELECT id FROM folder WHERE missing = 1 AND ${which})`,
    params,
  );
  return store.run(`UPDATE folder SET due = 1, after = NULL, missing = 0 WHERE ${which}`, params).changes;
}

/** A process began: a listing that another one had begun is no whole one any more. */
export function breakOffListings(store: Store): void {
  store.run("UPDATE entry SET missing = 0 WHERE missing = 1 AND folder IN (SELECT id FROM folder WHERE missing = 1)");
  store.run("UPDATE folder SET after = NULL, missing = 0 WHERE after IS NOT NULL OR missing = 1");
}

/** Every folder is due. A sweep that was broken off goes on with what it had left, and comes to the rest after that. */
export function startSweep(store: Store): void {
  const isLeft = (due: number): boolean => exists(store, "FROM folder WHERE due = ?", [due]);
  if (!isLeft(DUE.sweep)) store.run("UPDATE folder SET due = ? WHERE due = ?", [DUE.sweep, DUE.nextSweep]);
  const due = isLeft(DUE.sweep) ? DUE.nextSweep : DUE.sweep;
  store.run("UPDATE folder SET due = ? WHERE due = 0", [due]);
}

const FIRST = columns({ root: int, due: int });
const NEXT = columns({ path: text, after: orNull(text) });

/** The root whose folder is to be listed next, and why; of those alone that were named as changed when `isChangedOnly`. */
export function nextDue(store: Store, isChangedOnly: boolean): { readonly root: number; readonly due: number } | null {
  const which = isChangedOnly ? `due = ${DUE.changed}` : "due > 0";
  return FIRST.first(store, `FROM folder WHERE ${which} ORDER BY due, id LIMIT 1`);
}

/** Some folders of a root that are due for this reason, in their order. */
export function readDue(store: Store, root: number, due: number): number[] {
  const sql = `SELECT id FROM folder WHERE due = ? AND root = ? ORDER BY id LIMIT ${FOLDERS_A_PAGE}`;
  return scalars(store, int, sql, [due, root]);
}

export function readNext(
  store: Store,
  folder: number,
): { readonly path: string; readonly after: string | null } | null {
  return NEXT.first(store, "FROM folder WHERE id = ?", [folder]);
}

/** The next piece of the listing begins behind this name. */
export function goOnAfter(store: Store, folder: number, name: string): void {
  store.run("UPDATE folder SET after = ? WHERE id = ?", [name, folder]);
}

/** The listing has ended. Returns what it marked, one of `MISSING`; null when the folder is not there. */
export function endListing(store: Store, folder: number): number | null {
  const missing = scalars(store, int, "SELECT missing FROM folder WHERE id = ?", [folder])[0] ?? null;
  store.run("UPDATE folder SET due = 0, after = NULL, missing = 0 WHERE id = ?", [folder]);
  return missing;
}

/** A listing did not find these entries. */
export function markMissing(store: Store, folder: number, entries: readonly number[]): void {
  store.runMany(
    "UPDATE entry SET missing = 1 WHERE id = ?",
    entries.map((entry) => [entry]),
  );
  store.run("UPDATE folder SET missing = ? WHERE id = ?", [MISSING.something, folder]);
}

/** A piece of the listing may lack names: the whole of it says of nothing that it has gone. */
export function trustNoAbsence(store: Store, folder: number): void {
  store.run("UPDATE folder SET missing = ? WHERE id = ?", [MISSING.unknown, folder]);
  findAgain(store, folder);
}

/** Nothing in the folder is missing. */
export function findAgain(store: Store, folder: number): void {
  store.run("UPDATE entry SET missing = 0 WHERE folder = ? AND missing = 1", [folder]);
}

/** The folder cannot be listed: everything below it stays as it was, and the folder waits with its reason. */
export function markUnreadable(store: Store, folder: number, failed: ScanFailure): void {
  store.run("UPDATE folder SET due = 0, after = NULL, missing = 0, failed = ? WHERE id = ?", [failed, folder]);
  findAgain(store, folder);
}

/** What the last listing failed with; null: it did not fail. */
export function markFailed(store: Store, folder: number, failed: ScanFailure | null): void {
  store.run("UPDATE folder SET failed = ? WHERE id = ?", [failed, folder]);
}

/** Not to be listed before the next sweep. */
export function rest(store: Store, folder: number): void {
  store.run("UPDATE folder SET due = 0, after = NULL, failed = NULL WHERE id = ?", [folder]);
}

export function restRoot(store: Store, root: number): void {
  store.run("UPDATE folder SET due = 0 WHERE root = ?", [root]);
}

/** Coffre's own no more: the listing of the folder above says what the folder is now. */
export function takeBack(store: Store, folder: number): void {
  store.run("UPDATE folder SET rule = NULL, due = 0, after = NULL WHERE id = ?", [folder]);
}

export function countUnreadable(store: Store): number {
  return scalar(store, int, "SELECT count(*) FROM folder WHERE failed IS NOT NULL");
}

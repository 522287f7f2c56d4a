// Entries that are meant together, for questions and arrows over many of them. Rule: callers name a set; what it is in SQL is for
// this folder alone.

import { boundsBelow } from "../../format/path.ts";
import { KIND, STATE } from "../../store/schema.ts";
import type { Row } from "../../store/store.ts";

/** Some entries: as a condition on their rows, and as a query of their ids, both with the same parameters. */
export interface EntrySet {
  readonly where: string;
  readonly ids: string;
  readonly params: Row;
}

/** A folder and all below it, with the parameters of `folderRange`. */
export const FOLDER_OR_BELOW = "root = ? AND (path = ? OR (path > ? AND path < ?))";

export function folderRange(root: number, path: string): Row {
  return [root, path, ...boundsBelow(path)];
}

export function entriesById(ids: readonly number[]): EntrySet {
  const list = ids.map(() => "?").join(",");
  return { where: `id IN (${list})`, ids: list, params: ids };
}

export function recordedBy(number: number): EntrySet {
  return setOf("record = ?", [number]);
}

export function recordedAfter(number: number): EntrySet {
  return setOf("record > ?", [number]);
}

/** What the record of this number will make synced; what it calls gone is not among it. */
export function inFlight(number: number): EntrySet {
  return setOf(`record = ? AND state = ${STATE.recording}`, [number]);
}

/** The entry of this name in the folder of this path: one or none. */
export function entryAt(root: number, folder: string, name: string): EntrySet {
  return setOf("folder = (SELECT id FROM folder WHERE root = ? AND path = ?) AND name = ?", [root, folder, name]);
}

/** The same where it is a folder. */
export function folderAt(root: number, folder: string, name: string): EntrySet {
  const { where, params } = entryAt(root, folder, name);
  return setOf(`${where} AND kind = ${KIND.folder}`, params);
}

/** Everything in a folder and below it, but not the folder's own entry. */
export function inOrBelow(root: number, path: string): EntrySet {
  return setOf(`folder IN (SELECT id FROM folder WHERE ${FOLDER_OR_BELOW})`, folderRange(root, path));
}

export function inRoot(root: number): EntrySet {
  return setOf("folder IN (SELECT id FROM folder WHERE root = ?)", [root]);
}

/** What the listing of a folder that is under way, or has just ended, did not find. */
export function missingIn(folder: number): EntrySet {
  return setOf("folder = ? AND missing = 1", [folder]);
}

export function everything(): EntrySet {
  return setOf("1 = 1", []);
}

function setOf(where: string, params: Row): EntrySet {
  return { where, ids: `SELECT id FROM entry WHERE ${where}`, params };
}

// Folders as disks, and what a whole listing of one did not find. Rule: questions and marks alone; `absence.ts` decides what is
// believed.

import { boundsBelow } from "../../format/path.ts";
import { columns, exists, flag, int, orNull, Statement, scalar, text } from "../../store/columns.ts";
import { KIND, STATE } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { type EntrySet, FOLDER_OR_BELOW, folderRange } from "./entry-sets.ts";

const NOT_GONE = `state NOT IN (${STATE.gone}, ${STATE.goneRecording})`;
/** What the log has and does not call gone. */
const RECORDED = `version IS NOT NULL AND ${NOT_GONE}`;

/** The disk that a folder is; a root counts as one. */
export interface Disk {
  readonly mounted: boolean;
  readonly identity: string | null;
}

/** A folder's row, as far as believing goes. */
export interface HeldFolder extends Disk {
  readonly id: number;
  readonly path: string;
  readonly held: string | null;
  readonly heldMs: number | null;
  readonly believed: boolean;
}

const HELD = columns({
  id: int,
  path: text,
  mounted: flag,
  identity: orNull(text),
  held: orNull(text),
  heldMs: ["held_ms", orNull(int)],
  believed: flag,
});

export function readHeldFolder(store: Store, id: number): HeldFolder | null {
  return HELD.first(store, "FROM folder WHERE id = ?", [id]);
}

const DISK = new Statement<Disk & { readonly id: number }>(
  "UPDATE folder SET mounted = :mounted, identity = :identity WHERE id = :id",
);

export function markDisk(store: Store, id: number, { mounted, identity }: Disk): void {
  DISK.run(store, { id, mounted, identity });
}

/** What is missing in it is not believed to be gone, since `sinceMs`. */
export function hold(store: Store, folder: number, why: "many-missing" | "disk-away", sinceMs: number | null): void {
  store.run("UPDATE folder SET held = ?, held_ms = ? WHERE id = ?", [why, sinceMs, folder]);
}

export function holdPath(store: Store, root: number, path: string, sinceMs: number): void {
  store.run("UPDATE folder SET held = 'disk-away', held_ms = ? WHERE root = ? AND path = ?", [sinceMs, root, path]);
}

/** Its listing is believed again, and nobody has said anything of the next one. */
export function release(store: Store, folder: number): void {
  store.run("UPDATE folder SET held = NULL, held_ms = NULL, believed = 0 WHERE id = ?", [folder]);
}

/** What is missing in the root when it is listed next is gone: its owner says so. */
export function believe(store: Store, root: number): void {
  store.run("UPDATE folder SET believed = 1 WHERE root = ?", [root]);
}

/** A folder and all below it are not looked at until the next sweep. */
export function restBelow(store: Store, root: number, path: string): void {
  store.run(`UPDATE folder SET due = 0, after = NULL WHERE ${FOLDER_OR_BELOW}`, folderRange(root, path));
}

/** The same of what is below it alone. */
export function restStrictlyBelow(store: Store, root: number, path: string): void {
  const sql = "UPDATE folder SET due = 0, after = NULL WHERE root = ? AND path > ? AND path < ?";
  store.run(sql, [root, ...boundsBelow(path)]);
}

/** Whether a folder was a disk, or held some, and its owner did not say that what is missing is gone. */
export function hadDisks(store: Store, root: number, path: string): boolean {
  return exists(
    store,
    `FROM folder WHERE ${FOLDER_OR_BELOW} AND mounted = 1 AND believed = 0`,
    folderRange(root, path),
  );
}

export interface MissingFolder {
  readonly id: number;
  readonly name: string;
  readonly identity: string;
}

const MISSING_FOLDER = columns({ id: int, name: text, identity: text });

export function missingFolders(store: Store, folder: number): MissingFolder[] {
  return MISSING_FOLDER.all(store, `FROM entry WHERE folder = ? AND missing = 1 AND kind = ${KIND.folder}`, [folder]);
}

export function find(store: Store, entry: number): void {
  store.run("UPDATE entry SET missing = 0 WHERE id = ?", [entry]);
}

const SHARE = columns({ known: ["count(*)", int], missing: ["coalesce(sum(missing), 0)", int] });

/** How much was known in a folder, and how much of it was not found; what this listing brought was not known. */
export function sumMissing(store: Store, folder: number): { readonly known: number; readonly missing: number } {
  const which = `folder = ? AND name <> '' AND ${NOT_GONE} AND (version IS NOT NULL OR missing = 1)`;
  return SHARE.first(store, `FROM entry WHERE ${which}`, [folder]) ?? { known: 0, missing: 0 };
}

/** How many files of a set the log has and does not call gone. */
export function countRecorded(store: Store, { where, params }: EntrySet): number {
  const sql = `SELECT count(*) FROM entry WHERE kind = ${KIND.file} AND ${RECORDED} AND ${where}`;
  return scalar(store, int, sql, params);
}

/** Whether the same file or folder is there under another name. */
export function isElsewhere(store: Store, { id, identity }: MissingFolder): boolean {
  if (identity === "") return false;
  return exists(store, "FROM entry WHERE identity = ? AND id <> ? AND missing = 0", [identity, id]);
}

/** How many recorded files that are missing in a folder are there under other names. */
export function countMoved(store: Store, folder: number): number {
  return scalar(
    store,
    int,
    `SELECT count(DISTINCT a.id) FROM entry a JOIN entry b ON b.identity = a.identity AND b.id <> a.id AND b.missing = 0
     WHERE a.folder = ? AND a.missing = 1 AND a.kind = ${KIND.file} AND a.version IS NOT NULL AND a.identity <> ''`,
    [folder],
  );
}

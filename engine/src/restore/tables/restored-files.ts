// What a restore makes of versions: a row for each file, folder and link, and how far it is. Rule: nothing sets a state but the
// arrows here and those over a file's parts (`part-rows.ts`, marked *); a caller names the arrow.
//
//     planned ──▶ fetching ──▶ ready ──▶ finishing ──▶ done            made (a folder whose times are still to be set) ──▶ done
//
//   from                       to                     function                          when
//   (no row)                   planned                planOne, planBelow                an ask names the version
//   planned                    fetching, ready        awaitParts                        its parts are known; ready: it has none
//   fetching                   ready                  countWritten                      the last of them lies in its work file
//   fetching, ready, finishing fetching, ready        recount                           a later process looked at its work file
//   planned, ready             finishing, made        setStates                         the host is asked; a folder is there
//   finishing, made            done, ready            setStates                         it is in place; the host did nothing
//   finishing                  ready, planned         tryNextName                       its name was taken, and it gets another
//   finishing                  occupied               setStates                         what is in its place is to be compared
//   fetching … occupied        done                   setStates                         what is in its place has the same bytes
//   fetching … occupied        skipped                skip                              something else is in its place
//   any                        failed                 fail, failOverParts*, failUnderEpoch*     `code` says why

import type { DamageCode } from "../../border/reasons.ts";
import { columns, exists, flag, int, orNull, Statement, scalar, scalars, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import { type Cursor, KIND, type VersionScope, versionsOf } from "./version-rows.ts";

export const STATE = {
  planned: 0,
  fetching: 1,
  ready: 2,
  finishing: 3,
  done: 4,
  failed: 5,
  skipped: 6,
  occupied: 7,
  made: 8,
} as const;

/** Characters of one answer, with room for what stands around it. */
const MAX_ANSWER_CHARS = 480_000;
/** What a character becomes at the most: two escapes of six. */
const CHARS_A_POINT = 12;
/** The other columns of a row, with names of roots and devices. */
const OTHER_CHARS = 1_200;

/**
 * How many rows with paths one question may ask for (docs/host-api.md H-1: 524,288 characters a message): at most `most`, and
 * fewer where paths are long, since any page may hold nothing but the table's longest path.
 */
export function pageRows(store: Store, table: "restore_file" | "index_version", most: number): number {
  const longest = scalar(store, int, `SELECT coalesce(max(length(path)), 0) FROM ${table}`);
  return Math.max(1, Math.min(most, Math.floor(MAX_ANSWER_CHARS / (CHARS_A_POINT * longest + OTHER_CHARS))));
}

/** Forgets what was being restored. */
export function clearRestore(store: Store): void {
  store.run("DELETE FROM restore_part");
  store.run("DELETE FROM restore_detour");
  store.run("DELETE FROM restore_name");
  store.run("DELETE FROM restore_file");
}

const PLAN = `INSERT OR IGNORE INTO restore_file (version, path, kind, state) SELECT v.id,`;

/** Plans the version of a scope's own path, to be restored under `path`. */
export function planOne(store: Store, scope: VersionScope, path: string): void {
  const { sql, params } = versionsOf(scope, null);
  store.run(`${PLAN} ?, v.kind, ${STATE.planned} FROM index_version v WHERE ${sql}`, [path, ...params]);
}

/** Plans the versions of a scope behind the cursor, up to a path (null: all), below a folder of the target. */
export function planBelow(store: Store, scope: VersionScope, cursor: string, upTo: Cursor, folder: string): void {
  const { sql, params } = versionsOf(scope, cursor);
  store.run(
    `${PLAN} ? || v.path, v.kind, ${STATE.planned} FROM index_version v
     WHERE ${sql} AND (? IS NULL OR v.path <= ?) ORDER BY v.path`,
    [`${folder}/`, ...params, upTo, upTo],
  );
}

/** A row, and what its version says. `target`: `t` and text, or `h` and hexadecimal; null for what is no link. */
export interface RestoredFile {
  readonly id: number;
  readonly path: string;
  readonly state: number;
  /** How often its name was taken. */
  readonly tries: number;
  readonly chunks: number;
  readonly version: number;
  readonly hasLists: boolean;
  readonly sizeBytes: number;
  readonly mode: number | null;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly target: string | null;
}

const FILE = columns({
  id: ["f.id", int],
  path: ["f.path", text],
  state: ["f.state", int],
  tries: ["f.tries", int],
  chunks: ["f.chunks", int],
  version: ["f.version", int],
  hasLists: ["v.lists", flag],
  sizeBytes: ["v.size", int],
  mode: ["v.mode", orNull(int)],
  mtimeS: ["v.mtime_s", int],
  mtimeUs: ["v.mtime_us", int],
  target: ["v.target", orNull(text)],
});
const FILES = "FROM restore_file f JOIN index_version v ON v.id = f.version WHERE";

/** Files, folders or links behind an id that are in one of some states; at most `most`. */
export function readInStates(
  store: Store,
  kind: number,
  states: readonly number[],
  after: number,
  most: number,
): RestoredFile[] {
  const which = `f.kind = ${kind} AND f.state IN (${states.join(", ")}) AND f.id > ?`;
  return FILE.all(store, `${FILES} ${which} ORDER BY f.id LIMIT ${most}`, [after]);
}

/** Files that a process that ended had in its work folder, or was putting in place. */
export function readUnderWay(store: Store, after: number, most: number): RestoredFile[] {
  const underWay = `(f.state IN (${STATE.finishing}, ${STATE.ready}) OR (f.state = ${STATE.fetching} AND f.done > 0))`;
  return FILE.all(store, `${FILES} f.kind = ${KIND.file} AND f.id > ? AND ${underWay} ORDER BY f.id LIMIT ${most}`, [
    after,
  ]);
}

/** Folders whose times are to be set: those below first, since a folder's path is the beginning of the paths below it. */
export function readDeepest(store: Store, most: number): RestoredFile[] {
  const which = `f.kind = ${KIND.folder} AND f.state = ${STATE.made}`;
  return FILE.all(store, `${FILES} ${which} ORDER BY f.path DESC LIMIT ${most}`);
}

/** Files that failed or were skipped when some of their parts lay in the work folder. */
export function readAbandoned(store: Store, after: number, most: number): number[] {
  return scalars(
    store,
    int,
    `SELECT id FROM restore_file WHERE id > ? AND kind = ${KIND.file} AND chunks > 0 AND
       state IN (${STATE.failed}, ${STATE.skipped}) AND done > 0 ORDER BY id LIMIT ${most}`,
    [after],
  );
}

export function hasReady(store: Store): boolean {
  return exists(store, `FROM restore_file WHERE kind = ${KIND.file} AND state = ${STATE.ready}`);
}

/** Whether something failed that the target is not to blame for. */
export function hasFailedByServer(store: Store): boolean {
  return exists(store, `FROM restore_file WHERE state = ${STATE.failed} AND code NOT LIKE 'target-%'`);
}

type Rows = readonly { readonly id: number }[];

export function setStates(store: Store, state: number, files: Rows): void {
  store.runMany(
    "UPDATE restore_file SET state = ? WHERE id = ?",
    files.map(({ id }) => [state, id]),
  );
}

export function awaitParts(store: Store, files: readonly { readonly id: number; readonly chunks: number }[]): void {
  store.runMany(
    "UPDATE restore_file SET chunks = ?, state = ? WHERE id = ?",
    files.map(({ id, chunks }) => [chunks, chunks === 0 ? STATE.ready : STATE.fetching, id]),
  );
}

/** `written`: how many parts more of each file lie in its work file. */
export function countWritten(store: Store, written: ReadonlyMap<number, number>): void {
  store.runMany(
    `UPDATE restore_file SET state = CASE WHEN state = ${STATE.fetching} AND done + ? >= chunks THEN ${STATE.ready}
      ELSE state END, done = done + ? WHERE id = ?`,
    [...written].map(([file, count]) => [count, count, file]),
  );
}

/** `done`: how many parts of each file lie in its work file. */
export function recount(
  store: Store,
  files: readonly { readonly id: number; readonly chunks: number; readonly done: number }[],
): void {
  store.runMany(
    "UPDATE restore_file SET done = ?, state = ? WHERE id = ?",
    files.map(({ id, chunks, done }) => [done, done === chunks ? STATE.ready : STATE.fetching, id]),
  );
}

/** They are tried again from `state` under their next names. */
export function tryNextName(store: Store, state: number, files: Rows): void {
  store.runMany(
    "UPDATE restore_file SET state = ?, tries = tries + 1 WHERE id = ?",
    files.map(({ id }) => [state, id]),
  );
}

export function skip(store: Store, files: Rows): void {
  store.runMany(
    `UPDATE restore_file SET state = ${STATE.skipped}, code = 'target-exists' WHERE id = ?`,
    files.map(({ id }) => [id]),
  );
}

const FAIL = new Statement<{ readonly id: number; readonly code: DamageCode | null }>(
  `UPDATE restore_file SET state = ${STATE.failed}, code = :code WHERE id = :id`,
);

export function fail(store: Store, failed: readonly { readonly id: number; readonly code: DamageCode | null }[]): void {
  FAIL.runMany(store, failed);
}

/** What is wrong with files that did not fail, for as long as it is told; null: nothing. */
export function setCodes(store: Store, files: readonly number[], code: DamageCode | null): void {
  store.runMany(
    "UPDATE restore_file SET code = ? WHERE id = ?",
    files.map((id) => [code, id]),
  );
}

/** The row of the device whose file this is. */
export function ownerOf(store: Store, file: number): number {
  const from = "FROM restore_file f JOIN index_version v ON v.id = f.version JOIN index_root r ON r.id = v.root";
  return scalar(store, int, `SELECT r.device ${from} WHERE f.id = ?`, [file]);
}

export interface RestoreTotals {
  readonly files: number;
  readonly bytes: number;
  readonly filesDone: number;
  readonly bytesDone: number;
  /** Folders and links too. */
  readonly failed: number;
  readonly skipped: number;
}

const IS_DONE = `f.kind = ${KIND.file} AND f.state = ${STATE.done}`;
const TOTALS = columns({
  files: [`coalesce(sum(f.kind = ${KIND.file}), 0)`, int],
  bytes: [`coalesce(sum(CASE WHEN f.kind = ${KIND.file} THEN v.size ELSE 0 END), 0)`, int],
  filesDone: [`coalesce(sum(${IS_DONE}), 0)`, int],
  bytesDone: [`coalesce(sum(CASE WHEN ${IS_DONE} THEN v.size ELSE 0 END), 0)`, int],
  failed: [`coalesce(sum(f.state = ${STATE.failed}), 0)`, int],
  skipped: [`coalesce(sum(f.state = ${STATE.skipped}), 0)`, int],
});

export function sumRestore(store: Store): RestoreTotals {
  const none = { files: 0, bytes: 0, filesDone: 0, bytesDone: 0, failed: 0, skipped: 0 };
  return TOTALS.first(store, `${FILES} 1 = 1`) ?? none;
}

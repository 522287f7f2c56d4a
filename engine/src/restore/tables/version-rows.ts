// Versions of the index: every one that the vault's records tell of, with the time from which and until which it was current.
// Rule: `seq` says which of two records of a device came first, so the order in which they are folded in does not matter.

import { boundsBelow } from "../../format/path.ts";
import { bytes, columns, exists, int, Statement, scalar, scalars, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import { allIn } from "./index-rows.ts";

/** `until_ms` of a version that nothing has replaced yet; also the time that stands for "now". */
export const FOREVER_MS: number = Number.MAX_SAFE_INTEGER;

/** Kinds of versions. */
export const KIND = { file: 1, folder: 2, link: 3 } as const;

/** Where an entry of a record stands: its root's row, its path, its time and its place among the device's entries. */
export interface VersionPlace {
  readonly root: number;
  readonly path: string;
  readonly sinceMs: number;
  readonly seq: number;
}

/** `refs`: CBOR of references whose source is an epoch's row and whose blob a blob's; of the chunks, or of the lists. */
export interface NewVersion extends VersionPlace {
  readonly kind: number;
  readonly sizeBytes: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly mode: number | null;
  readonly target: string | null;
  readonly hasLists: boolean;
  readonly refs: Uint8Array | null;
}

const ADD = new Statement<NewVersion>(
  `INSERT INTO index_version (root, path, kind, seq, since_ms, until_ms, size, mtime_s, mtime_us, mode, target, lists, refs)
   VALUES (:root, :path, :kind, :seq, :sinceMs, ${FOREVER_MS}, :sizeBytes, :mtimeS, :mtimeUs, :mode, :target, :hasLists, :refs)`,
);
const CLOSE = new Statement<VersionPlace>(
  `UPDATE index_version SET until_ms = :sinceMs
   WHERE root = :root AND path = :path AND until_ms = ${FOREVER_MS} AND seq < :seq`,
);

export function addVersions(store: Store, versions: readonly NewVersion[]): void {
  ADD.runMany(store, versions);
}

/** What these replace ends when they begin. */
export function closeReplaced(store: Store, places: readonly VersionPlace[]): void {
  CLOSE.runMany(store, places);
}

/** The same of everything below them. */
export function closeBelow(store: Store, places: readonly VersionPlace[]): void {
  store.runMany(
    `UPDATE index_version SET until_ms = ?
     WHERE root = ? AND path > ? AND path < ? AND until_ms = ${FOREVER_MS} AND seq < ?`,
    places.map(({ root, path, sinceMs, seq }) => [sinceMs, root, ...boundsBelow(path), seq]),
  );
}

/** What an ask is about: a path of a root, '' for all of it, at a time. */
export interface VersionScope {
  readonly root: number;
  readonly path: string;
  /** The time at which the versions that are meant were current; null for those of all times. */
  readonly atMs: number | null;
}

/** Where a walk through a scope stands: null before the scope's own path, then the path behind which to go on. */
export type Cursor = string | null;

/** SQL after `FROM index_version v WHERE`, and its parameters; for this folder alone. */
export interface VersionSet {
  readonly sql: string;
  readonly params: readonly (string | number)[];
}

/** The versions of a scope's root that its time allows, whatever their paths. */
function ofTime({ root, atMs }: VersionScope): VersionSet {
  if (atMs === null) return { sql: "v.root = ?", params: [root] };
  return { sql: "v.root = ? AND v.since_ms <= ? AND v.until_ms > ?", params: [root, atMs, atMs] };
}

/** The versions of the scope's own path, or of those below it behind the cursor. */
export function versionsOf(scope: VersionScope, cursor: Cursor): VersionSet {
  const { sql, params } = ofTime(scope);
  if (cursor === null) return { sql: `${sql} AND v.path = ?`, params: [...params, scope.path] };
  return { sql: `${sql} AND v.path > ? AND v.path < ?`, params: [...params, cursor, boundsBelow(scope.path)[1]] };
}

/** The cursor with which the paths below a scope's own begin. */
export function firstBelow(scope: VersionScope): string {
  return boundsBelow(scope.path)[0];
}

export function hasVersions(store: Store, scope: VersionScope): boolean {
  return [null, firstBelow(scope)].some((cursor) => {
    const { sql, params } = versionsOf(scope, cursor);
    return exists(store, `FROM index_version v WHERE ${sql}`, params);
  });
}

/** The path up to which so many versions of a scope stand behind the cursor; null when there are fewer. */
export function pathAfter(store: Store, scope: VersionScope, cursor: string, versions: number): Cursor {
  const { sql, params } = versionsOf(scope, cursor);
  const page = `SELECT v.path FROM index_version v WHERE ${sql} ORDER BY v.path LIMIT 1 OFFSET ${versions - 1}`;
  return scalars(store, text, page, params)[0] ?? null;
}

/** A version as a listing shows it. */
export interface ListedVersion {
  readonly id: number;
  readonly path: string;
  readonly kind: number;
  readonly sizeBytes: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly seq: number;
}

const LISTED = columns({
  id: ["v.id", int],
  path: ["v.path", text],
  kind: ["v.kind", int],
  sizeBytes: ["v.size", int],
  mtimeS: ["v.mtime_s", int],
  mtimeUs: ["v.mtime_us", int],
  sinceMs: ["v.since_ms", int],
  untilMs: ["v.until_ms", int],
  seq: ["v.seq", int],
});

/** Where a listing stands, and the path before or with which it ends. */
export interface ListedRange {
  readonly after: { readonly path: string; readonly id: number };
  readonly end: string;
  readonly isEndIncluded: boolean;
}

/** The next versions of a listing, in the order of their paths; at most `most`. */
export function listVersions(store: Store, scope: VersionScope, range: ListedRange, most: number): ListedVersion[] {
  const { sql, params } = ofTime(scope);
  const { after, end, isEndIncluded } = range;
  return LISTED.all(
    store,
    `FROM index_version v WHERE ${sql} AND v.path >= ? AND v.path ${isEndIncluded ? "<=" : "<"} ? AND (v.path <> ? OR v.id > ?)
     ORDER BY v.path, v.id LIMIT ${most}`,
    [...params, after.path, end, after.path, after.id],
  );
}

/** Entries of one record stand below this in `seq`: a body of 196,608 bytes holds fewer. */
export const ENTRIES_A_RECORD = 262_144;

const SUM = columns({ files: ["count(*)", int], bytes: ["coalesce(sum(v.size), 0)", int] });

/** Versions of files that a device's records above a number tell of. */
export function sumAbove(
  store: Store,
  device: number,
  number: number,
): { readonly files: number; readonly bytes: number } {
  const rest = `FROM index_version v JOIN index_root r ON r.id = v.root
    WHERE r.device = ? AND v.kind = ${KIND.file} AND v.seq >= ?`;
  return SUM.first(store, rest, [device, (number + 1) * ENTRIES_A_RECORD]) ?? { files: 0, bytes: 0 };
}

/** A current version of a file, as a drill takes it. */
export interface DrilledVersion {
  readonly id: number;
  readonly root: string;
  readonly path: string;
  readonly sizeBytes: number;
}

const DRILLED = columns({
  id: ["v.id", int],
  root: ["r.name", text],
  path: ["v.path", text],
  sizeBytes: ["v.size", int],
});
/** Files whose chunks stand in their version: those with lists are rare, and large. */
const CURRENT = `FROM index_version v JOIN index_root r ON r.id = v.root WHERE r.device = ? AND v.kind = ${KIND.file}
  AND v.until_ms = ${FOREVER_MS} AND v.lists = 0 AND v.refs IS NOT NULL`;

/** How many current files of a device a drill may take. */
export function countCurrent(store: Store, device: number): number {
  return scalar(store, int, `SELECT count(*) ${CURRENT}`, [device]);
}

/** The one that stands at a place among them. */
export function readCurrent(store: Store, device: number, place: number): DrilledVersion | null {
  return DRILLED.first(store, `${CURRENT} ORDER BY v.id LIMIT 1 OFFSET ${place}`, [device]);
}

const REFS = columns({ id: int, refs: bytes });

/** The references of versions of files that are not empty, by version. */
export function readRefsOf(store: Store, versions: readonly number[]): Map<number, Uint8Array> {
  const found = allIn(store, REFS, "FROM index_version WHERE refs IS NOT NULL AND id IN", versions);
  return new Map(found.map(({ id, refs }) => [id, refs]));
}

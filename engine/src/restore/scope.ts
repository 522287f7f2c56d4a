// Which versions an ask is about: a time or all of them, maybe a device, maybe roots and paths (docs/host-api.md §4). Rule: what names
// nothing at all is the user's mistake and is said; what names something that is not there yet at that time, too.

import type { Spelling } from "../border/asks.ts";
import { CoffreError } from "../errors.ts";
import { boundsBelow, parsePath } from "../format/path.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import type { NamedRoot } from "./naming.ts";
import { FOREVER_MS } from "./schema.ts";

/** One root, and the path below it that is meant, '' for all of it. */
export interface Scope extends NamedRoot {
  readonly path: string;
  /** The time at which the versions that are meant were current; null for those of all times. */
  readonly atMs: number | null;
}

/** A place as an ask names it, and how else it may be spelled. No root means all of them. */
interface Selection {
  readonly root?: string;
  readonly path?: string;
  readonly spellings?: readonly Spelling[];
}

/** What an ask says. Without selections it means everything. */
export interface ScopeAsk {
  readonly at?: number;
  readonly device?: string;
  readonly selections: readonly Selection[];
  readonly versions?: "current" | "all";
}

/** The versions that are current at a time, and those of all times, as conditions on `index_version v`. */
const CURRENT = "v.root = ? AND v.since_ms <= ? AND v.until_ms > ?";
const ALL = "v.root = ?";

/** Any device for null; a name that several share means each of them, and one of them has the beginning of its id behind it. */
const IS_DEVICE = "(? IS NULL OR d.name = ? OR d.name = ? || ' (' || substr(d.device, 1, 8) || ')')";

/**
 * The scopes of an ask that hold something at its time, in the order of devices' and roots' names: what came later than
 * that time changes nothing, not even a name. `user-device-unknown`, `user-path-unknown`.
 */
export function findScopes(store: Store, ask: ScopeAsk): Scope[] {
  const roots = readRoots(store, ask.device ?? null);
  // "Now" is any time: the last version's end lies at FOREVER_MS.
  const now = ask.at === undefined ? FOREVER_MS - 1 : Math.min(Math.max(ask.at, 0), FOREVER_MS - 1);
  const atMs = ask.versions === "all" ? null : now;
  const find = ({ root, path }: Selection): Scope[] =>
    roots
      .filter(({ name }) => root === undefined || root === name)
      .map((each) => ({ ...each, path: path ?? "", atMs }))
      .filter((scope) => isFound(store, scope));
  if (ask.selections.length === 0) return find({});
  return ask.selections.flatMap((selection) => {
    for (const spelling of [selection, ...(selection.spellings ?? [])]) {
      if (!isPath(spelling.path ?? "")) continue;
      const found = find(spelling);
      const isNamed = spelling.root !== undefined || (spelling.path ?? "") !== "";
      if (found.length > 0 || !isNamed) return found;
    }
    throw new CoffreError("user-path-unknown", "the vault has no such root or path");
  });
}

/** Where a walk through a scope stands: null before the scope's own path, then the path behind which to go on. */
export type Cursor = string | null;

/** SQL after `FROM index_version v WHERE`, and its parameters. */
export interface Condition {
  readonly sql: string;
  readonly params: readonly (string | number)[];
}

/** The versions of a scope's root that its time allows, whatever their paths. */
export function timeCondition({ root, atMs }: Scope): Condition {
  return atMs === null ? { sql: ALL, params: [root] } : { sql: CURRENT, params: [root, atMs, atMs] };
}

/** The versions of the scope's own path, or of those below it behind the cursor. */
export function scopeCondition(scope: Scope, cursor: Cursor): Condition {
  const { sql, params } = timeCondition(scope);
  if (cursor === null) return { sql: `${sql} AND v.path = ?`, params: [...params, scope.path] };
  return { sql: `${sql} AND v.path > ? AND v.path < ?`, params: [...params, cursor, boundsBelow(scope.path)[1]] };
}

/** The cursor with which the paths below a scope's own begin. */
export function firstBelow(scope: Scope): string {
  return boundsBelow(scope.path)[0];
}

function isFound(store: Store, scope: Scope): boolean {
  return [null, firstBelow(scope)].some((cursor) => {
    const { sql, params } = scopeCondition(scope, cursor);
    return store.first(`SELECT 1 FROM index_version v WHERE ${sql} LIMIT 1`, params) !== null;
  });
}

function readRoots(store: Store, device: string | null): NamedRoot[] {
  const params = [device, device, device];
  if (store.first(`SELECT 1 FROM index_device d WHERE ${IS_DEVICE}`, params) === null && device !== null) {
    throw new CoffreError("user-device-unknown", "the vault has no device of that name");
  }
  return store
    .all(
      `SELECT r.id, r.name, d.id, d.name FROM index_root r JOIN index_device d ON d.id = r.device
        WHERE ${IS_DEVICE} ORDER BY d.name, d.device, r.name`,
      params,
    )
    .map((row: Row) => ({ root: int(row, 0), name: str(row, 1), device: int(row, 2), deviceName: str(row, 3) }));
}

function isPath(path: string): boolean {
  try {
    parsePath(path);
    return true;
  } catch (error) {
    if (error instanceof CoffreError) return false;
    throw error;
  }
}

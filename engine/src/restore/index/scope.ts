// Which versions an ask is about: a time or all of them, maybe a device, maybe roots and paths (docs/host-api.md §4). Rule: what names
// nothing at all is the user's mistake and is said; what names something that is not there yet at that time, too.

import type { Spelling } from "../../border/asks.ts";
import { CoffreError } from "../../errors.ts";
import { parsePath } from "../../format/path.ts";
import type { Store } from "../../store/store.ts";
import { hasDevice, type RootRow, readRoots } from "../tables/index-rows.ts";
import { FOREVER_MS, hasVersions, type VersionScope } from "../tables/version-rows.ts";

/** One root, and what is meant of it. */
export type Scope = RootRow & VersionScope;

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

/**
 * The scopes of an ask that hold something at its time, in the order of devices' and roots' names: what came later than
 * that time changes nothing, not even a name. `user-device-unknown`, `user-path-unknown`.
 */
export function findScopes(store: Store, ask: ScopeAsk): Scope[] {
  const device = ask.device ?? null;
  if (device !== null && !hasDevice(store, device)) {
    throw new CoffreError("user-device-unknown", "the vault has no device of that name");
  }
  const roots = readRoots(store, device);
  // "Now" is any time: the last version's end lies at FOREVER_MS.
  const now = ask.at === undefined ? FOREVER_MS - 1 : Math.min(Math.max(ask.at, 0), FOREVER_MS - 1);
  const atMs = ask.versions === "all" ? null : now;
  const find = ({ root, path }: Selection): Scope[] =>
    roots
      .filter(({ name }) => root === undefined || root === name)
      .map((each) => ({ ...each, path: path ?? "", atMs }))
      .filter((scope) => hasVersions(store, scope));
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

function isPath(path: string): boolean {
  try {
    parsePath(path);
    return true;
  } catch (error) {
    if (error instanceof CoffreError) return false;
    throw error;
  }
}

// Folders that are to be listed from their beginnings again. Rule: with a listing that is broken off everything goes that it had
// found missing, since only a whole one says that something is gone (docs/format.md F-72).

import { splitPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import type { StoreValue } from "../store/store.ts";
import { isOwnFolder } from "./own-folders.ts";

/** Folders that meet a condition are due from their beginnings. Returns how many there are. */
export function listAgain({ store }: Context, which: string, params: readonly StoreValue[]): number {
  store.run(
    `UPDATE entry SET missing = 0 WHERE missing = 1 AND folder IN (SELECT id FROM folder WHERE missing = 1 AND ${which})`,
    params,
  );
  return store.run(`UPDATE folder SET due = 1, after = NULL, missing = 0 WHERE ${which}`, params).changes;
}

/**
 * The folder of this path is due, or the nearest one above it that is known: whoever lists that finds what came below it. Returns
 * its path; null when it is Coffre's own. Such a folder changes with every backup, and a row that is written because of it may
 * be the next change.
 */
export function listNearest(ctx: Context, root: number, path: string): string | null {
  for (let nearest = path; ; nearest = splitPath(nearest).folder) {
    if (isOwnFolder(ctx, root, nearest)) return null;
    if (listAgain(ctx, "root = ? AND path = ?", [root, nearest]) > 0 || nearest === "") return nearest;
  }
}

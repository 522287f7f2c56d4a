// From an ask to the rows that are to be restored. Rule: the Store copies them; a million files pass through no memory
// of ours, and a version that two selections name is restored once.

import { CoffreError } from "../errors.ts";
import { splitPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { perform } from "../runtime/flow.ts";
import type { Store } from "../store/store.ts";
import { str } from "../store/store.ts";
import { hasDamage } from "./damages.ts";
import type { RestoreAsk } from "./job.ts";
import { planFolders } from "./naming.ts";
import { STATE } from "./schema.ts";
import { type Cursor, findScopes, firstBelow, type Scope, scopeCondition } from "./scope.ts";

/** Versions that one step copies. */
const VERSIONS_A_STEP = 5_000;

/** Fills `restore_file`. `user-device-unknown`, `user-path-unknown`, `user-vault-empty`. */
export function* select(ctx: Context, ask: RestoreAsk): Flow<void> {
  const scopes = findNamed(ctx, ask);
  // Where records could not be read, nobody knows what there is: that is told as damage.
  if (scopes.length === 0 && !hasDamage(ctx.store, ask.at)) {
    throw new CoffreError("user-vault-empty", "expected something to restore");
  }
  const roots = new Map(scopes.map((scope) => [scope.root, scope]));
  const folders = planFolders([...roots.values()]);
  for (const scope of scopes) {
    const folder = folders.get(scope.root) as string;
    for (const path of [...foldersAbove(scope.path), scope.path]) copyOne(ctx.store, { ...scope, path }, folder);
    let cursor: Cursor = firstBelow(scope);
    while (cursor !== null) {
      cursor = copyPiece(ctx.store, scope, folder, cursor);
      if (cursor !== null) yield* perform({ kind: "wake", atMs: ctx.now });
    }
  }
}

/** The scopes of an ask; where one of several places is not there, the owner is told which. */
function findNamed(ctx: Context, ask: RestoreAsk): Scope[] {
  if (ask.selections.length < 2) return findScopes(ctx.store, ask);
  return ask.selections.flatMap((selection) => {
    try {
      return findScopes(ctx.store, { ...ask, selections: [selection] });
    } catch (error) {
      const { root, path } = selection;
      if (error instanceof CoffreError && error.code === "user-path-unknown")
        ctx.show({ kind: "notice", code: "place-unknown", root, path });
      throw error;
    }
  });
}

/** The paths of the folders above a path, which come back with their modes and times; the root's own first. */
function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let below = path; below !== ""; ) {
    below = splitPath(below).folder;
    above.unshift(below);
  }
  return above;
}

/** Copies the version of the scope's own path. */
function copyOne(store: Store, scope: Scope, folder: string): void {
  const { sql, params } = scopeCondition(scope, null);
  const path = scope.path === "" ? folder : `${folder}/${scope.path}`;
  store.run(
    `INSERT OR IGNORE INTO restore_file (version, path, kind, state)
      SELECT v.id, ?, v.kind, ${STATE.planned} FROM index_version v WHERE ${sql}`,
    [path, ...params],
  );
}

/** Copies the next versions; the path behind which to go on, null at the end. */
function copyPiece(store: Store, scope: Scope, folder: string, cursor: string): Cursor {
  const { sql, params } = scopeCondition(scope, cursor);
  const last = store.first(
    `SELECT v.path FROM index_version v WHERE ${sql} ORDER BY v.path LIMIT 1 OFFSET ${VERSIONS_A_STEP - 1}`,
    params,
  );
  const bound = last === null ? null : str(last, 0);
  store.run(
    `INSERT OR IGNORE INTO restore_file (version, path, kind, state)
      SELECT v.id, ? || v.path, v.kind, ${STATE.planned} FROM index_version v
       WHERE ${sql} AND (? IS NULL OR v.path <= ?) ORDER BY v.path`,
    [`${folder}/`, ...params, bound, bound],
  );
  return bound;
}

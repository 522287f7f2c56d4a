// From an ask to the rows that are to be restored. Rule: the Store copies them; a million files pass through no memory
// of ours, and a version that two selections name is restored once.

import { CoffreError } from "../../errors.ts";
import { splitPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { perform } from "../../runtime/flow.ts";
import { planFolders } from "../finish/naming.ts";
import { findScopes, type Scope } from "../index/scope.ts";
import type { RestoreAsk } from "../job.ts";
import { hasDamage } from "../tables/damage-rows.ts";
import { planBelow, planOne } from "../tables/restored-files.ts";
import { type Cursor, firstBelow, pathAfter } from "../tables/version-rows.ts";

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
    for (const path of [...foldersAbove(scope.path), scope.path]) {
      planOne(ctx.store, { ...scope, path }, path === "" ? folder : `${folder}/${path}`);
    }
    let cursor: Cursor = firstBelow(scope);
    while (cursor !== null) {
      const upTo = pathAfter(ctx.store, scope, cursor, VERSIONS_A_STEP);
      planBelow(ctx.store, scope, cursor, upTo, folder);
      cursor = upTo;
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

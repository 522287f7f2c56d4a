// What follows when a folder's listing ends. Rule: only here does a path become gone, and only after its folder was
// listed completely (docs/format.md F-72) and `absence.ts` believes it.

import { joinPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Run } from "../run.ts";
import { inOrBelow, missingIn } from "../tables/entry-sets.ts";
import { endListing, forgetFolders, MISSING } from "../tables/folder-rows.ts";
import { type Disk, markDisk, missingFolders, readHeldFolder, release } from "../tables/held-folders.ts";
import { forgetPieces } from "../tables/piece-rows.ts";
import { callGone, forget } from "../tables/sighted-rows.ts";
import type { Belief } from "./absence.ts";
import { judgeAbsence } from "./absence.ts";
import type { ScanRoot } from "./root-identity.ts";

/** A folder that was listed to its end, and the disk that it is now. */
export interface EndedFolder {
  readonly id: number;
  readonly path: string;
  readonly disk: Disk;
}

/** The folder was listed to its end: what was not found in it is gone, where that is believed. */
export function finishFolder(ctx: Context, run: Run, root: ScanRoot, { id, path, disk }: EndedFolder): Belief {
  const { store } = ctx;
  const before = readHeldFolder(store, id);
  if (before === null) return "believed";
  const isMissing = endListing(store, id) === MISSING.something;
  const belief = isMissing ? judgeAbsence(ctx, run, root, before, disk) : "believed";
  if (belief === "replaced") return belief;
  if (before.mounted !== disk.mounted || before.identity !== disk.identity) markDisk(store, id, disk);
  if (belief === "held") return belief;
  if (before.held !== null || before.believed) release(store, id);
  if (isMissing) forgetMissing(ctx, run, root, id, path);
  return belief;
}

function forgetMissing(ctx: Context, run: Run, root: ScanRoot, folder: number, path: string): void {
  const { store } = ctx;
  for (const { name } of missingFolders(store, folder)) forgetBelow(ctx, run, root.id, joinPath(path, name));
  forgetPieces(store, missingIn(folder));
  run.uncount(ctx, missingIn(folder));
  run.addReady(ctx, callGone(store, folder));
}

/** Forgets the rows of everything below a folder; its own entry, which the caller keeps, stands for it in the log. */
export function forgetBelow(ctx: Context, run: Run, root: number, path: string): void {
  const { store } = ctx;
  const below = inOrBelow(root, path);
  run.uncount(ctx, below);
  forgetPieces(store, below);
  forget(store, below);
  forgetFolders(store, root, path);
}

// What follows when a folder's listing ends. Rule: only here does a path become gone, and only after its folder was
// listed completely (docs/format.md F-72) and `absence.ts` believes it.

import type { ScanFailure } from "../border/sights.ts";
import { boundsBelow, joinPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { int, str } from "../store/store.ts";
import type { Belief, Disk } from "./absence.ts";
import { FOLDER_OR_BELOW, IN_OR_BELOW, judgeAbsence, readHeldFolder } from "./absence.ts";
import { forgetPieces } from "./pieces.ts";
import type { ScanRoot } from "./root-identity.ts";
import type { Run } from "./run.ts";

/** What is marked in a folder whose listing goes on: that something is missing, or that nothing may be called so. */
export const MISSING = { nothing: 0, something: 1, unknown: 2 } as const;

/** A folder that was listed to its end, and the disk that it is now. */
export interface EndedFolder {
  readonly id: number;
  readonly path: string;
  readonly disk: Disk;
}

/** The folder was listed to its end: what was not found in it is gone, where that is believed. */
export function finishFolder(ctx: Context, run: Run, root: ScanRoot, { id, path, disk }: EndedFolder): Belief {
  const { store } = ctx;
  const row = store.first("SELECT missing FROM folder WHERE id = ?", [id]);
  const before = readHeldFolder(ctx, id, path);
  if (row === null || before === null) return "believed";
  store.run("UPDATE folder SET due = 0, after = NULL, missing = 0 WHERE id = ?", [id]);
  const isMissing = int(row, 0) === MISSING.something;
  const belief = isMissing ? judgeAbsence(ctx, run, root, before, disk) : "believed";
  if (belief === "replaced") return belief;
  const isSame = before.disk.mounted === disk.mounted && before.disk.identity === disk.identity;
  if (!isSame)
    store.run("UPDATE folder SET mounted = ?, identity = ? WHERE id = ?", [disk.mounted ? 1 : 0, disk.identity, id]);
  if (belief === "held") return belief;
  if (before.held !== null || before.believed)
    store.run("UPDATE folder SET held = NULL, held_ms = NULL, believed = 0 WHERE id = ?", [id]);
  if (isMissing) forgetMissing(ctx, run, root, id, path);
  return belief;
}

function forgetMissing(ctx: Context, run: Run, root: ScanRoot, folder: number, path: string): void {
  const { store } = ctx;
  const folders = store.all("SELECT name FROM entry WHERE folder = ? AND missing = 1 AND kind = ?", [
    folder,
    KIND.folder,
  ]);
  for (const row of folders) forgetBelow(ctx, run, root.id, joinPath(path, str(row, 0)));
  forgetPieces(ctx, "SELECT id FROM entry WHERE folder = ? AND missing = 1", [folder]);
  run.uncount(ctx, "folder = ? AND missing = 1", [folder]);
  // A folder that was never recorded may still hold files that were.
  store.run("DELETE FROM entry WHERE folder = ? AND missing = 1 AND (state = ? OR (version IS NULL AND kind <> ?))", [
    folder,
    STATE.excluded,
    KIND.folder,
  ]);
  const gone = store.run(
    "UPDATE entry SET state = ?, missing = 0, reason = NULL, record = NULL WHERE folder = ? AND missing = 1",
    [STATE.gone, folder],
  );
  run.addReady(ctx, gone.changes);
}

/** Forgets the rows of everything below a folder; its own entry, which the caller keeps, stands for it in the log. */
export function forgetBelow(ctx: Context, run: Run, root: number, path: string): void {
  const { store } = ctx;
  const range = [root, path, ...boundsBelow(path)];
  run.uncount(ctx, IN_OR_BELOW, range);
  forgetPieces(ctx, `SELECT id FROM entry WHERE ${IN_OR_BELOW}`, range);
  store.run(`DELETE FROM entry WHERE ${IN_OR_BELOW}`, range);
  store.run(`DELETE FROM folder WHERE ${FOLDER_OR_BELOW}`, range);
}

/** The folder cannot be listed: everything below it stays as it was, and the folder waits with its reason. */
export function markFolderUnreadable(ctx: Context, folder: number, failed: ScanFailure): void {
  const { store } = ctx;
  store.run("UPDATE folder SET due = 0, after = NULL, missing = 0, failed = ? WHERE id = ?", [failed, folder]);
  store.run("UPDATE entry SET missing = 0 WHERE folder = ? AND missing = 1", [folder]);
}

// What follows when a folder's listing ends. Rule: only here does a path become gone, and only after its folder was
// listed completely (docs/format.md F-72).

import type { ScanFailure } from "../border/effects.ts";
import { boundsBelow, joinPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { int, str } from "../store/store.ts";
import { forgetPieces } from "./pieces.ts";
import type { Run } from "./run.ts";
import type { ScanRoot } from "./scanner.ts";

/** A folder and all below it: the parameters are its root, its path and that path's `boundsBelow`. */
const FOLDER_OR_BELOW = "root = ? AND (path = ? OR (path > ? AND path < ?))";
/** The entries of those folders, with the same parameters. */
export const IN_OR_BELOW: string = `folder IN (SELECT id FROM folder WHERE ${FOLDER_OR_BELOW})`;

/** The folder was listed to its end: what was not found in it is gone. */
export function finishFolder(ctx: Context, run: Run, root: ScanRoot, folder: number, path: string): void {
  const { store } = ctx;
  const missing = store.first("SELECT missing FROM folder WHERE id = ?", [folder]);
  store.run("UPDATE folder SET due = 0, after = NULL, missing = 0, failed = NULL WHERE id = ?", [folder]);
  if (missing === null || int(missing, 0) === 0) return;
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
  // What vanished between two listings is its parent's to report, at the parent's next listing.
  const reason = failed === "vanished" || failed === "not-a-folder" ? null : failed;
  store.run("UPDATE folder SET due = 0, after = NULL, missing = 0, failed = ? WHERE id = ?", [reason, folder]);
  store.run("UPDATE entry SET missing = 0 WHERE folder = ? AND missing = 1", [folder]);
}

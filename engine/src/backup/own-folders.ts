// Folders that are Coffre's own: a client's home, a server's data, what a restore works in. A backup of them would only make
// them grow. Rule: nothing below one is listed, recorded or listened to; its entry stays, excluded by a rule that has a name.

import { splitPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { forgetBelow } from "./folder-end.ts";
import type { ScanRoot } from "./root-identity.ts";
import type { Run } from "./run.ts";

/** The rule that excludes such a folder, and why a root that is one is not available (docs/host-api.md H-36, §6). */
export const OWN_FOLDER = "own-folder";

/** Whether the host named the folder as Coffre's own by its place. */
export function isOwnPlace(run: Run, { locator }: ScanRoot, path: string): boolean {
  if (path === "" || run.ownFolders.length === 0) return false;
  return run.ownFolders.includes(`${locator.endsWith("/") ? locator : `${locator}/`}${path}`);
}

/** Whether the folder was Coffre's own when it was last to be listed. */
export function isOwnFolder({ store }: Context, root: number, path: string): boolean {
  const sql = `SELECT 1 FROM folder WHERE root = ? AND path = ? AND rule = '${OWN_FOLDER}'`;
  return store.first(sql, [root, path]) !== null;
}

/** A folder turned out to be Coffre's own: what was known below it is forgotten, and stays restorable as it was synced. */
export function leaveOut(
  ctx: Context,
  run: Run,
  root: ScanRoot,
  { id, path, rule }: { readonly id: number; readonly path: string; readonly rule: string | null },
): void {
  const { store } = ctx;
  const isLeftOut = rule === OWN_FOLDER && store.first("SELECT 1 FROM entry WHERE folder = ? LIMIT 1", [id]) === null;
  if (isLeftOut) {
    store.run("UPDATE folder SET due = 0, after = NULL, failed = NULL WHERE id = ?", [id]);
    return;
  }
  forgetBelow(ctx, run, root.id, path);
  store.run("INSERT INTO folder (root, path, due, rule) VALUES (?, ?, 0, ?)", [root.id, path, OWN_FOLDER]);
  const { folder, name } = splitPath(path);
  store.run(
    `UPDATE entry SET state = ${STATE.excluded}, rule = ?, reason = NULL, unseen = NULL
     WHERE name = ? AND kind = ${KIND.folder} AND folder = (SELECT id FROM folder WHERE root = ? AND path = ?)`,
    [OWN_FOLDER, name, root.id, folder],
  );
  run.tell(ctx, OWN_FOLDER, root, path);
}

/** A folder is Coffre's own no more: the caller has the one above it listed again, which says what the folder is now. */
export function takeBack({ store }: Context, folder: number): void {
  store.run("UPDATE folder SET rule = NULL, due = 0, after = NULL WHERE id = ?", [folder]);
}

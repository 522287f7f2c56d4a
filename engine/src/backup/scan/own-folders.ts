// Folders that are Coffre's own: a client's home, a server's data, what a restore works in. A backup of them would only make
// them grow. Rule: nothing below one is listed, recorded or listened to; its entry stays, excluded by a rule that has a name.

import { splitPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Run } from "../run.ts";
import { folderAt } from "../tables/entry-sets.ts";
import { addOwnFolder, type ListedRow, OWN_FOLDER, rest } from "../tables/folder-rows.ts";
import { isEmpty } from "../tables/known-entries.ts";
import { exclude } from "../tables/sighted-rows.ts";
import { forgetBelow } from "./folder-end.ts";
import type { ScanRoot } from "./root-identity.ts";

/** Whether the host named the folder as Coffre's own by its place. */
export function isOwnPlace(run: Run, { locator }: ScanRoot, path: string): boolean {
  if (path === "" || run.ownFolders.length === 0) return false;
  return run.ownFolders.includes(`${locator.endsWith("/") ? locator : `${locator}/`}${path}`);
}

/** A folder turned out to be Coffre's own: what was known below it is forgotten, and stays restorable as it was synced. */
export function leaveOut(ctx: Context, run: Run, root: ScanRoot, { id, path, rule }: ListedRow): void {
  const { store } = ctx;
  if (rule === OWN_FOLDER && isEmpty(store, id)) {
    rest(store, id);
    return;
  }
  forgetBelow(ctx, run, root.id, path);
  addOwnFolder(store, root.id, path);
  const { folder, name } = splitPath(path);
  exclude(store, folderAt(root.id, folder, name), OWN_FOLDER);
  run.tell(ctx, OWN_FOLDER, root, path);
}

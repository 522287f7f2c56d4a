// What every golden phone went through: a first backup, changes, an epoch that ends, a second one. Rule: the tree is made by
// the same calls in each release, so that only tables, slots and the server's state need to be kept.

import { seededContent } from "../scripted-host/file-content.ts";
import type { FileTree } from "../scripted-host/file-tree.ts";

export const ROOT = "/photos";
export const LOGIN = "golden";

/** How far the tree had come when a state was kept. */
export type TreeStage = "filled" | "changed";

export function fill(tree: FileTree): void {
  tree.addFolder(ROOT);
  tree.write(`${ROOT}/small`, "small");
  tree.write(`${ROOT}/empty`, "");
  tree.write(`${ROOT}/trip/one`, "one");
  tree.write(`${ROOT}/trip/two`, "two");
  tree.write(`${ROOT}/film`, seededContent(1, 983_041));
  tree.link(`${ROOT}/link`, "trip");
}

export function change(tree: FileTree): void {
  tree.write(`${ROOT}/small`, "small, and changed");
  tree.rename(`${ROOT}/trip`, `${ROOT}/journey`);
  tree.remove(`${ROOT}/empty`);
  tree.write(`${ROOT}/new`, "new");
  tree.append(`${ROOT}/film`, "and a little more");
}

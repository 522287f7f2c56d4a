// The effect `finish-file` (docs/host-api.md H-25). Rule: nothing is written outside the target, and no link is followed
// on the way to a path.

import type { Answers, FinishedItem } from "../../engine/src/border/answers.ts";
import type { EffectBody, FinishItem } from "../../engine/src/border/effects.ts";
import { fromBase64, fromHex } from "./border-text.ts";
import { literalContent, resizedContent } from "./file-content.ts";
import { type FileTree, folderOf } from "./file-tree.ts";
import { isCreatable, splitPath } from "./path-text.ts";
import { writeWork } from "./transfer-effects.ts";
import type { FolderNode, TreeNode } from "./tree-node.ts";

type FinishFile = Extract<EffectBody, { kind: "finish-file" }>;

const DEFAULT_FILE_MODE = 0o600;
const FOLDER_MODE = 0o755;

/** A place below the target: the folder that holds it, and its name there. */
type Place =
  | { readonly kind: "place"; readonly folder: FolderNode; readonly folderLocator: string; readonly name: string }
  | Exclude<FinishedItem, { kind: "ok" }>;

export function runFinishFile(tree: FileTree, effect: FinishFile): Answers["finish-file"] {
  return { kind: "finished", items: effect.items.map((item) => finishItem(tree, effect, item)) };
}

function finishItem(tree: FileTree, effect: FinishFile, item: FinishItem): FinishedItem {
  switch (item.kind) {
    case "file":
      return finishFile(tree, effect, item);
    case "folder":
      return makeFolders(tree, effect.target, item.path);
    case "folder-times":
      return setFolderTimes(tree, effect.target, item);
    case "link":
      return makeLink(tree, effect.target, item);
    case "discard": {
      const found = tree.find(effect.work, splitPath(item.from));
      if (found.kind === "failed") return found.failure === "vanished" ? { kind: "ok" } : refused(found.failure);
      tree.remove(found.locator);
      return { kind: "ok" };
    }
    case "write":
      return writeBytes(tree, effect.work, item);
  }
}

function writeBytes(tree: FileTree, work: string, item: Extract<FinishItem, { kind: "write" }>): FinishedItem {
  const bytes = fromBase64(item.bytes);
  const failure = writeWork(tree, work, item.to, item.offset, bytes);
  if (failure !== null) return refused(failure);
  const found = tree.find(work, splitPath(item.to));
  if (item.ends && found.kind === "found" && found.node.kind === "file") {
    found.node.content = resizedContent(found.node.content, item.offset + bytes.length);
  }
  return { kind: "ok" };
}

function finishFile(tree: FileTree, effect: FinishFile, item: Extract<FinishItem, { kind: "file" }>): FinishedItem {
  const place = openPlace(tree, effect.target, item.path);
  if (place.kind !== "place") return place;
  const standing = place.folder.children.get(place.name);
  if (isFinished(tree, effect, item, standing)) return { kind: "ok" };
  const obstacle = judgeExisting(standing, item.existing);
  if (obstacle !== null) return obstacle;
  const mode = item.mode ?? DEFAULT_FILE_MODE;
  let node: TreeNode;
  if (item.from === null) {
    node = tree.makeFile(resizedContent(literalContent(""), item.sizeBytes), mode);
  } else {
    const found = tree.find(effect.work, splitPath(item.from));
    if (found.kind === "failed") return refused(found.failure);
    if (found.node.kind !== "file") return { kind: "refused", reason: "io" };
    node = found.node;
    node.content = resizedContent(found.node.content, item.sizeBytes);
    tree.take(tree.at(folderOf(found.locator)) as FolderNode, folderOf(found.locator), nameOf(found.locator));
  }
  tree.put(place.folder, place.folderLocator, place.name, node);
  tree.stamp(node);
  node.mode = mode;
  node.mtimeUs = item.mtimeS * 1_000_000 + item.mtimeUs;
  return { kind: "ok" };
}

/** Whether the item was done before: what it takes is gone, and stands in its place (H-25). */
function isFinished(
  tree: FileTree,
  { work }: FinishFile,
  { from, sizeBytes, mtimeS, mtimeUs }: Extract<FinishItem, { kind: "file" }>,
  standing: TreeNode | undefined,
): boolean {
  if (from === null || standing?.kind !== "file" || tree.find(work, splitPath(from)).kind === "found") return false;
  return standing.content.sizeBytes === sizeBytes && standing.mtimeUs === mtimeS * 1_000_000 + mtimeUs;
}

function makeLink(tree: FileTree, target: string, item: Extract<FinishItem, { kind: "link" }>): FinishedItem {
  const place = openPlace(tree, target, item.path);
  if (place.kind !== "place") return place;
  const obstacle = judgeExisting(place.folder.children.get(place.name), item.existing);
  if (obstacle !== null) return obstacle;
  const bytes = item.targetHex === undefined ? Buffer.from(item.target ?? "", "utf8") : fromHex(item.targetHex);
  const node = tree.put(place.folder, place.folderLocator, place.name, tree.makeLink(bytes));
  node.mtimeUs = item.mtimeS * 1_000_000 + item.mtimeUs;
  return { kind: "ok" };
}

function setFolderTimes(
  tree: FileTree,
  target: string,
  item: Extract<FinishItem, { kind: "folder-times" }>,
): FinishedItem {
  const made = makeFolders(tree, target, item.path);
  if (made.kind !== "ok") return made;
  const found = tree.find(target, splitPath(item.path));
  if (found.kind === "failed") return refused(found.failure);
  if (item.mode !== null) found.node.mode = item.mode;
  found.node.mtimeUs = item.mtimeS * 1_000_000 + item.mtimeUs;
  return { kind: "ok" };
}

function makeFolders(tree: FileTree, target: string, path: string): FinishedItem {
  const walked = walkFolders(tree, target, splitPath(path));
  return walked.kind === "folder" ? { kind: "ok" } : walked;
}

function openPlace(tree: FileTree, target: string, path: string): Place {
  const names = splitPath(path);
  const name = names.at(-1);
  if (name === undefined || !isCreatable(name)) return { kind: "refused", reason: "name" };
  const walked = walkFolders(tree, target, names.slice(0, -1));
  if (walked.kind !== "folder") return walked;
  const failure = tree.faults.take(`${walked.locator}/${name}`);
  if (failure !== null) return refused(failure);
  return { kind: "place", folder: walked.folder, folderLocator: walked.locator, name };
}

/** Goes down from the target and makes what is not there; the target itself too. */
function walkFolders(
  tree: FileTree,
  target: string,
  names: readonly string[],
):
  | { readonly kind: "folder"; readonly folder: FolderNode; readonly locator: string }
  | Exclude<FinishedItem, { kind: "ok" }> {
  const top = tree.find(target);
  if (top.kind === "failed" && top.failure !== "vanished") return refused(top.failure);
  if (top.kind === "failed") tree.addFolder(target);
  let node: TreeNode = tree.at(target);
  if (node.kind !== "folder") return { kind: "conflict", reason: "not-a-folder" };
  let folder: FolderNode = node;
  let locator = target;
  for (const name of names) {
    if (!isCreatable(name)) return { kind: "refused", reason: "name" };
    const below = `${locator}/${name}`;
    const failure = tree.faults.take(below);
    if (failure !== null) return refused(failure);
    node = folder.children.get(name) ?? tree.put(folder, locator, name, tree.makeFolder(FOLDER_MODE));
    if (node.kind === "link") return { kind: "conflict", reason: "link-in-path" };
    if (node.kind !== "folder") return { kind: "conflict", reason: "not-a-folder" };
    folder = node;
    locator = below;
  }
  return { kind: "folder", folder, locator };
}

function judgeExisting(node: TreeNode | undefined, existing: "refuse" | "replace"): FinishedItem | null {
  if (node === undefined) return null;
  if (existing === "refuse") return { kind: "exists" };
  return node.kind === "folder" ? { kind: "conflict", reason: "is-a-folder" } : null;
}

function refused(failure: string): Exclude<FinishedItem, { kind: "ok" }> {
  if (failure === "no-space") return { kind: "no-space" };
  return { kind: "refused", reason: failure === "permission" ? "permission" : "io" };
}

function nameOf(locator: string): string {
  return splitPath(locator.slice(1)).at(-1) as string;
}

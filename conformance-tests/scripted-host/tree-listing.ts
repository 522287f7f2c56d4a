// What stands below a folder, as a value that can be compared: the test's own view of what was backed up and what came
// back. Rule: faults do not touch it, and inodes do not show.

import { toHex } from "./border-text.ts";
import type { FileTree } from "./file-tree.ts";
import { sha256 } from "./server-structures.ts";
import { namesOf, type TreeNode } from "./tree-node.ts";

export interface ListedNode {
  readonly kind: TreeNode["kind"];
  /** SHA-256 of a file's bytes, hex of a link's target, else empty. */
  readonly content: string;
  readonly sizeBytes: number;
  readonly mtimeUs: number;
  readonly mode: number;
}

/** Every node below a folder by its path's text, in order; the folder itself is not among them. */
export function listTree(tree: FileTree, locator: string): ReadonlyMap<string, ListedNode> {
  const listed = new Map<string, ListedNode>();
  const walk = (node: TreeNode, path: string): void => {
    if (node.kind !== "folder") return;
    for (const name of namesOf(node)) {
      const child = node.children.get(name) as TreeNode;
      const below = path === "" ? name : `${path}/${name}`;
      listed.set(below, listNode(child));
      walk(child, below);
    }
  };
  walk(tree.at(locator), "");
  return listed;
}

function listNode(node: TreeNode): ListedNode {
  const { kind, mtimeUs, mode } = node;
  if (kind === "link") return { kind, content: toHex(node.target), sizeBytes: node.target.length, mtimeUs, mode };
  if (kind !== "file") return { kind, content: "", sizeBytes: 0, mtimeUs, mode };
  const { content } = node;
  const bytes = content.read(0, content.sizeBytes);
  return { kind, content: toHex(sha256(bytes)), sizeBytes: bytes.length, mtimeUs, mode };
}

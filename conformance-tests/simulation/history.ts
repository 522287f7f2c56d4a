// What the tree's files ever were: which contents each path had, and which paths were absent. Rule: seen from the tree
// itself after each change, never told by whoever changes it.

import { hash } from "node:crypto";
import type { FileContent } from "../scripted-host/file-content.ts";
import type { FileTree } from "../scripted-host/file-tree.ts";
import type { TreeNode } from "../scripted-host/tree-node.ts";

const names = new WeakMap<Uint8Array, string>();

/** Names a content: its size and SHA-256. Bytes that were named once do not change any more. */
export function nameContent(bytes: Uint8Array): string {
  let name = names.get(bytes);
  if (name === undefined) {
    name = `${bytes.length}:${hash("sha256", bytes, "base64")}`;
    names.set(bytes, name);
  }
  return name;
}

export class TreeHistory {
  readonly #tree: FileTree;
  readonly #root: string;
  readonly #contents = new WeakMap<FileContent, string>();
  /** Path below the root → names of the contents that it had. */
  readonly #versions = new Map<string, Set<string>>();
  readonly #absent = new Set<string>();
  #present: ReadonlyMap<string, TreeNode> = new Map();
  /** Counts changes. */
  changes = 0;
  /** While the root is unmounted its files are not absent: nobody can see them. */
  rootIsAway = false;

  constructor(tree: FileTree, root: string) {
    this.#tree = tree;
    this.#root = root;
    tree.observe((folder) => {
      if (folder === root || folder.startsWith(`${root}/`) || root.startsWith(folder)) this.look();
    });
    this.look();
  }

  /** Notes how the tree is now. */
  look(): void {
    this.changes++;
    if (this.rootIsAway) return;
    const present = presentIn(this.#tree, this.#root);
    for (const [path, node] of present) if (node.kind === "file") note(this.#versions, path, this.nameOf(node.content));
    for (const path of this.#present.keys()) if (!present.has(path)) this.#absent.add(path);
    for (const [path, node] of this.#present) {
      if (present.get(path)?.kind !== node.kind) this.#absent.add(path);
    }
    this.#present = present;
  }

  /** Files, folders and links below the root as they are. */
  get present(): ReadonlyMap<string, TreeNode> {
    return this.#present;
  }

  /** Whether `path` ever held this content. */
  hadContent(path: string, name: string): boolean {
    return this.#versions.get(path)?.has(name) ?? false;
  }

  /** Whether `path`, or a folder above it, was ever taken away. */
  wasAbsent(path: string): boolean {
    for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
      if (this.#absent.has(at)) return true;
    }
    return false;
  }

  nameOf(content: FileContent): string {
    let name = this.#contents.get(content);
    if (name === undefined) {
      name = nameContent(content.read(0, content.sizeBytes));
      this.#contents.set(content, name);
    }
    return name;
  }
}

/** Everything below a folder, by its path there; nothing where there is no such folder. */
export function presentIn(tree: FileTree, locator: string): Map<string, TreeNode> {
  const present = new Map<string, TreeNode>();
  const walk = (node: TreeNode, path: string): void => {
    if (node.kind !== "folder") return;
    for (const [name, child] of node.children) {
      const below = path === "" ? name : `${path}/${name}`;
      present.set(below, child);
      walk(child, below);
    }
  };
  const root = findNode(tree, locator);
  if (root !== null) walk(root, "");
  return present;
}

function findNode(tree: FileTree, locator: string): TreeNode | null {
  try {
    return tree.at(locator);
  } catch {
    return null;
  }
}

function note(map: Map<string, Set<string>>, path: string, name: string): void {
  const names = map.get(path);
  if (names === undefined) map.set(path, new Set([name]));
  else names.add(name);
}

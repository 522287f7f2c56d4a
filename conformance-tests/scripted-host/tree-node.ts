// What stands in the file tree: folders, files, links, sockets, pipes and devices. Rule: a node is an inode; it keeps
// its identity when it is renamed, and a new node under an old name is another file.

import { compareNames } from "coffre-engine";
import type { Stat } from "../../engine/src/border/sights.ts";
import type { FileContent } from "./file-content.ts";

interface Inode {
  readonly inode: number;
  /** The low 12 permission bits. */
  mode: number;
  /** Microseconds since 1970. */
  mtimeUs: number;
  ctimeUs: number;
}

export interface FileNode extends Inode {
  readonly kind: "file";
  content: FileContent;
}

export interface FolderNode extends Inode {
  readonly kind: "folder";
  readonly children: Map<string, TreeNode>;
  /** The names in order, or null since the last change. */
  names: readonly string[] | null;
}

export interface LinkNode extends Inode {
  readonly kind: "link";
  /** The bytes that the link holds. */
  readonly target: Uint8Array;
}

export interface SpecialNode extends Inode {
  readonly kind: "socket" | "pipe" | "device";
}

export type TreeNode = FileNode | FolderNode | LinkNode | SpecialNode;

/** The children of a folder on a disk that takes names for one that fold to the same: the first spelling of each stays. */
export class FoldedNames extends Map<string, TreeNode> {
  readonly #fold: (name: string) => string;
  readonly #spellings = new Map<string, string>();

  constructor(fold: (name: string) => string) {
    super();
    this.#fold = fold;
  }

  override get(name: string): TreeNode | undefined {
    return super.get(this.#spelled(name));
  }

  override has(name: string): boolean {
    return super.has(this.#spelled(name));
  }

  override set(name: string, node: TreeNode): this {
    const spelled = this.#spelled(name);
    this.#spellings.set(this.#fold(name), spelled);
    return super.set(spelled, node);
  }

  override delete(name: string): boolean {
    const spelled = this.#spelled(name);
    this.#spellings.delete(this.#fold(name));
    return super.delete(spelled);
  }

  #spelled(name: string): string {
    return this.#spellings.get(this.#fold(name)) ?? name;
  }
}

/** Why an operation failed, in the words of docs/host-api.md. */
export type TreeFailure = "permission" | "io" | "vanished" | "not-a-folder" | "no-space";

/** What a folder's own listing costs on a disk: its `sizeBytes`. */
const FOLDER_BYTES = 4_096;

/** A node's stat on a disk: `device` tells one from another, and not every one keeps times of change. */
export function statOf(node: TreeNode, disk: { readonly device: number; readonly hasChangeTimes: boolean }): Stat {
  const ctime = { ctimeS: Math.floor(node.ctimeUs / 1_000_000), ctimeUs: microseconds(node.ctimeUs) };
  return {
    sizeBytes: sizeOf(node),
    mtimeS: Math.floor(node.mtimeUs / 1_000_000),
    mtimeUs: microseconds(node.mtimeUs),
    ...(disk.hasChangeTimes ? ctime : {}),
    mode: node.mode,
    identity: `${disk.device}:${node.inode}`,
  };
}

/** Whether two stats say that nothing happened in between. */
export function equalStats(a: Stat, b: Stat): boolean {
  return (
    a.identity === b.identity &&
    a.sizeBytes === b.sizeBytes &&
    a.mtimeS === b.mtimeS &&
    a.mtimeUs === b.mtimeUs &&
    a.ctimeS === b.ctimeS &&
    a.ctimeUs === b.ctimeUs &&
    a.mode === b.mode
  );
}

/** A folder's names in the order of H-9. */
export function namesOf(folder: FolderNode): readonly string[] {
  folder.names ??= [...folder.children.keys()].sort(compareNames);
  return folder.names;
}

/** Where the first name behind `after` stands in `names`. */
export function placeBehind(names: readonly string[], after: string | null): number {
  if (after === null) return 0;
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareNames(names[middle] as string, after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sizeOf(node: TreeNode): number {
  switch (node.kind) {
    case "file":
      return node.content.sizeBytes;
    case "folder":
      return FOLDER_BYTES;
    case "link":
      return node.target.length;
    case "socket":
    case "pipe":
    case "device":
      return 0;
  }
}

function microseconds(timeUs: number): number {
  const rest = timeUs % 1_000_000;
  return rest < 0 ? rest + 1_000_000 : rest;
}

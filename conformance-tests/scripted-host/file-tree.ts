// A file system in memory, with one root folder; locators are absolute paths in it. Rule: what a test or a person does is
// a method here and throws when it makes no sense; what a host does goes through `find` and the functions of effects.

import { type FileContent, literalContent, writtenContent } from "./file-content.ts";
import { joinPath, splitLocator } from "./path-text.ts";
import { TreeFaults } from "./tree-faults.ts";
import { type FileNode, FoldedNames, type FolderNode, type TreeFailure, type TreeNode } from "./tree-node.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type Found<N extends TreeNode = TreeNode> =
  | { readonly kind: "found"; readonly node: N; readonly locator: string }
  | { readonly kind: "failed"; readonly failure: TreeFailure };

export class FileTree {
  readonly faults: TreeFaults = new TreeFaults();
  /** What the disk still takes; null for any amount. */
  freeBytes: number | null = null;
  /** The number in every identity: another one after the tree was put on another disk. */
  device = 1;
  /** Times of files are multiples of this. */
  tickMs = 1;
  /** Whether a stat tells when something was changed, beside when it was written to. */
  hasChangeTimes = true;
  readonly root: FolderNode;
  readonly #clock: VirtualClock;
  readonly #fold: ((name: string) => string) | null;
  readonly #observers = new Set<(folder: string) => void>();
  /** What lies below each disk. */
  readonly #covered = new Map<FolderNode, FolderNode>();
  #inodes = 0;

  /** With `fold`, names that it folds to the same are one on this disk. */
  constructor(clock: VirtualClock, fold: ((name: string) => string) | null = null) {
    this.#clock = clock;
    this.#fold = fold;
    this.root = this.makeFolder(0o755);
  }

  /** The node at a locator, links not followed; `taken` are the components below it, for hosts. */
  find(locator: string, below: readonly string[] = []): Found {
    const names = below.length === 0 ? splitLocator(locator) : [...splitLocator(locator), ...below];
    let node: TreeNode = this.root;
    let path = "";
    for (const name of names) {
      if (name === "") continue;
      if (node.kind !== "folder") return { kind: "failed", failure: "not-a-folder" };
      path += `/${name}`;
      const failure = this.faults.take(path);
      if (failure !== null) return { kind: "failed", failure };
      const child: TreeNode | undefined = node.children.get(name);
      if (child === undefined) return { kind: "failed", failure: "vanished" };
      node = child;
    }
    return { kind: "found", node, locator: path === "" ? "/" : path };
  }

  /** Calls `observer` with the locator of each folder in which something changed; returns what ends it. */
  observe(observer: (folder: string) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Makes a folder and those above it. */
  addFolder(locator: string, mode = 0o755): void {
    const names = splitLocator(locator);
    let folder = this.root;
    for (const [index, name] of names.entries()) {
      const child = folder.children.get(name);
      if (child === undefined)
        folder = this.put(folder, `/${joinPath(names.slice(0, index))}`, name, this.makeFolder(mode));
      else if (child.kind === "folder") folder = child;
      else throw new Error(`expected a folder, found a ${child.kind}`);
    }
  }

  /** Writes a file as an editor in place does: same inode where there is one; folders above it are made. */
  write(locator: string, content: FileContent | Uint8Array | string, mode = 0o644): void {
    const { folder, folderLocator, name } = this.#place(locator);
    const held = "read" in Object(content) ? (content as FileContent) : literalContent(content as Uint8Array | string);
    const existing = folder.children.get(name);
    if (existing?.kind === "file") {
      existing.content = held;
      this.stamp(existing);
      this.#tell(folderLocator);
    } else {
      this.put(folder, folderLocator, name, { kind: "file", content: held, ...this.#inode(mode) });
    }
  }

  /** Puts another file under a name, as a careful editor's rename does: a new inode. */
  replace(locator: string, content: FileContent | Uint8Array | string, mode = 0o644): void {
    const { folder } = this.#place(locator);
    folder.children.delete(splitLocator(locator).at(-1) as string);
    this.write(locator, content, mode);
  }

  append(locator: string, bytes: Uint8Array | string): void {
    const file = this.#file(locator);
    const added = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
    file.content = writtenContent(file.content, file.content.sizeBytes, added);
    this.stamp(file);
    this.#tell(folderOf(locator));
  }

  truncate(locator: string, sizeBytes: number): void {
    const file = this.#file(locator);
    file.content = literalContent(file.content.read(0, sizeBytes));
    this.stamp(file);
    this.#tell(folderOf(locator));
  }

  /** Other bytes of the same size, with every time as it was: what no stat can show. */
  alterSilently(locator: string, content: Uint8Array): void {
    const file = this.#file(locator);
    if (content.length !== file.content.sizeBytes) throw new Error("expected content of the same size");
    file.content = literalContent(content);
  }

  /** Makes a link; `target` is text or bytes. */
  link(locator: string, target: string | Uint8Array): void {
    const { folder, folderLocator, name } = this.#place(locator);
    const bytes = typeof target === "string" ? Buffer.from(target, "utf8") : target;
    this.put(folder, folderLocator, name, { kind: "link", target: bytes, ...this.#inode(0o777) });
  }

  special(locator: string, kind: "socket" | "pipe" | "device"): void {
    const { folder, folderLocator, name } = this.#place(locator);
    this.put(folder, folderLocator, name, { kind, ...this.#inode(0o644) });
  }

  /** Removes a node and everything below it. */
  remove(locator: string): void {
    const { folder, folderLocator, name } = this.#place(locator);
    if (!this.take(folder, folderLocator, name)) throw new Error("expected something to remove");
  }

  /** Moves a node; what stands at `to` is replaced. */
  rename(from: string, to: string): void {
    const source = this.#place(from);
    const node = source.folder.children.get(source.name);
    if (node === undefined) throw new Error("expected something to rename");
    this.take(source.folder, source.folderLocator, source.name);
    node.ctimeUs = this.#nowUs;
    const target = this.#place(to);
    this.put(target.folder, target.folderLocator, target.name, node);
  }

  chmod(locator: string, mode: number): void {
    const node = this.at(locator);
    node.mode = mode;
    node.ctimeUs = this.#nowUs;
    this.#tell(folderOf(locator));
  }

  /** Sets the modification time, in microseconds since 1970. */
  touch(locator: string, mtimeUs: number): void {
    const node = this.at(locator);
    node.mtimeUs = mtimeUs;
    node.ctimeUs = this.#nowUs;
    this.#tell(folderOf(locator));
  }

  /** Puts an empty disk over a folder, which keeps what it holds; nothing above it changes. Returns the disk. */
  mount(locator: string, disk: FolderNode = this.makeFolder(0o755)): FolderNode {
    const { folder, name } = this.#place(locator);
    const covered = folder.children.get(name);
    if (covered?.kind !== "folder") throw new Error("expected a folder to mount on");
    this.#covered.set(disk, covered);
    folder.children.set(name, disk);
    return disk;
  }

  /** Takes the disk at a locator away: what it covered is seen again. */
  unmount(locator: string): void {
    const { folder, name } = this.#place(locator);
    const disk = folder.children.get(name);
    const covered = disk?.kind === "folder" ? this.#covered.get(disk) : undefined;
    if (disk?.kind !== "folder" || covered === undefined) throw new Error("expected a disk");
    this.#covered.delete(disk);
    folder.children.set(name, covered);
  }

  /** Whether a folder is a disk of its own. */
  isMounted(folder: FolderNode): boolean {
    return this.#covered.has(folder);
  }

  /** The node at a locator, faults aside; throws when there is none. */
  at(locator: string): TreeNode {
    let node: TreeNode = this.root;
    for (const name of splitLocator(locator)) {
      const child: TreeNode | undefined = node.kind === "folder" ? node.children.get(name) : undefined;
      if (child === undefined) throw new Error(`expected something at ${locator}`);
      node = child;
    }
    return node;
  }

  /** All bytes of a file, faults aside. */
  bytesAt(locator: string): Uint8Array {
    const { content } = this.#file(locator);
    return content.read(0, content.sizeBytes);
  }

  /** A new empty folder that stands nowhere yet. */
  makeFolder(mode: number): FolderNode {
    const children = this.#fold === null ? new Map<string, TreeNode>() : new FoldedNames(this.#fold);
    return { kind: "folder", children, names: null, ...this.#inode(mode) };
  }

  /** A new file that stands nowhere yet. */
  makeFile(content: FileContent, mode: number): FileNode {
    return { kind: "file", content, ...this.#inode(mode) };
  }

  /** A new link that stands nowhere yet. */
  makeLink(target: Uint8Array): TreeNode {
    return { kind: "link", target, ...this.#inode(0o777) };
  }

  /** Puts `node` under `name`; the folder's times change. */
  put<N extends TreeNode>(folder: FolderNode, folderLocator: string, name: string, node: N): N {
    if (!folder.children.has(name)) folder.names = null;
    folder.children.set(name, node);
    this.stamp(folder);
    this.#tell(folderLocator);
    return node;
  }

  /** Takes what stands under `name` away; false when nothing does. */
  take(folder: FolderNode, folderLocator: string, name: string): boolean {
    if (!folder.children.delete(name)) return false;
    folder.names = null;
    this.stamp(folder);
    this.#tell(folderLocator);
    return true;
  }

  /** A node was written to: both its times are now. */
  stamp(node: TreeNode): void {
    node.mtimeUs = this.#nowUs;
    node.ctimeUs = this.#nowUs;
  }

  get #nowUs(): number {
    return Math.floor(this.#clock.nowMs / this.tickMs) * this.tickMs * 1_000;
  }

  #inode(mode: number): { inode: number; mode: number; mtimeUs: number; ctimeUs: number } {
    return { inode: ++this.#inodes, mode, mtimeUs: this.#nowUs, ctimeUs: this.#nowUs };
  }

  #place(locator: string): { folder: FolderNode; folderLocator: string; name: string } {
    const folderLocator = folderOf(locator);
    if (folderLocator !== "/") this.addFolder(folderLocator);
    const folder = folderLocator === "/" ? this.root : this.at(folderLocator);
    if (folder.kind !== "folder") throw new Error("expected a folder above");
    return { folder, folderLocator, name: splitLocator(locator).at(-1) as string };
  }

  #file(locator: string): FileNode {
    const node = this.at(locator);
    if (node.kind !== "file") throw new Error(`expected a file, found a ${node.kind}`);
    return node;
  }

  #tell(folder: string): void {
    for (const observer of this.#observers) observer(folder);
  }
}

/** The locator of the folder that holds `locator`. */
export function folderOf(locator: string): string {
  return `/${joinPath(splitLocator(locator).slice(0, -1))}`;
}

// The effects that read the file tree: `scan` and `hash` (docs/host-api.md H-20, H-21). Rule: a host reports what it
// finds, once; what that means for the backup is the engine's to say.

import type { Answers } from "../../engine/src/border/answers.ts";
import type { EffectBody } from "../../engine/src/border/effects.ts";
import type { HashedFile, ListedFolder, ScannedFolder, Stat } from "../../engine/src/border/sights.ts";
import { toHex } from "./border-text.ts";
import type { BytePlane } from "./byte-plane.ts";
import type { FileTree, Found } from "./file-tree.ts";
import { formatName, splitLocator, splitPath } from "./path-text.ts";
import type { Slots } from "./slots.ts";
import {
  equalStats,
  type FileNode,
  type FolderNode,
  namesOf,
  placeBehind,
  statOf,
  type TreeNode,
} from "./tree-node.ts";

type Scan = Extract<EffectBody, { kind: "scan" }>;
type Hash = Extract<EffectBody, { kind: "hash" }>;
type Entry = Extract<ScannedFolder, { end: boolean }>["entries"][number];

/** The largest answer of a scan, in characters (H-20). */
const SCAN_CHARACTERS = 262_144;
/** What stands around the entries of one folder, at most, without its path. */
const FOLDER_CHARACTERS = 64;
/** The file that makes a folder Coffre's own (H-36). */
export const OWN_MARK = {
  name: ".coffre-own",
  line: "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n",
  mostBytes: 1_024,
} as const;
/** The most chunks one `hash` may ask for (H-21). */
const HASH_CHUNKS = 3_000;

export function runScan(tree: FileTree, effect: Scan): Answers["scan"] {
  const root = tree.find(effect.root);
  if (root.kind === "failed") return { kind: "root-unavailable", reason: scanFailure(root.failure) };
  if (root.node.kind !== "folder") return { kind: "root-unavailable", reason: "not-a-folder" };
  if (isInOwnFolder(tree, root.locator)) return { kind: "root-unavailable", reason: "own-folder" };
  const folders: ScannedFolder[] = [];
  let entriesLeft = Math.min(effect.entries, tree.faults.entriesAtOnce);
  let charactersLeft = SCAN_CHARACTERS - 512;
  for (const { path, after } of effect.folders) {
    if (entriesLeft <= 0 || charactersLeft <= 0) break;
    charactersLeft -= FOLDER_CHARACTERS + sizeOfText(path);
    const found = tree.find(effect.root, splitPath(path));
    const failed = found.kind === "failed" ? scanFailure(found.failure) : null;
    if (failed !== null) {
      folders.push({ path, failed });
    } else if (found.kind === "found" && found.node.kind === "folder" && isOwnFolder(found.node)) {
      folders.push({ path, own: true });
    } else if (found.kind === "found" && found.node.kind === "folder") {
      const listed = listEntries(tree, found.node, found.locator, after, entriesLeft, charactersLeft);
      if (listed.entries.length === 0 && !listed.end && folders.length > 0) break;
      entriesLeft -= listed.entries.length;
      charactersLeft -= listed.characters;
      folders.push({ path, ...sightOf(tree, found.node, found.locator), entries: listed.entries, end: listed.end });
      if (!listed.end) break;
    } else {
      folders.push({ path, failed: "not-a-folder" });
    }
  }
  const { identity } = statOf(root.node, tree);
  const stat = { ...statOf(root.node, tree), ...tree.faults.toldOf(root.locator) };
  return { kind: "scanned", identity, stat, folders };
}

/** Whether a folder holds the mark of Coffre's own (H-36). */
function isOwnFolder(folder: FolderNode): boolean {
  const mark = folder.children.get(OWN_MARK.name);
  if (mark?.kind !== "file" || mark.content.sizeBytes > OWN_MARK.mostBytes) return false;
  return Buffer.from(mark.content.read(0, OWN_MARK.line.length)).toString("latin1") === OWN_MARK.line;
}

/** The same, of a folder or one above it. */
function isInOwnFolder(tree: FileTree, locator: string): boolean {
  let node: TreeNode | undefined = tree.root;
  for (const name of [...splitLocator(locator), null]) {
    if (node?.kind !== "folder") return false;
    if (isOwnFolder(node)) return true;
    if (name !== null && name !== "") node = node.children.get(name);
  }
  return false;
}

/** What a listing says of the folder itself. */
function sightOf(
  tree: FileTree,
  folder: FolderNode,
  locator: string,
): Pick<ListedFolder, "identity" | "mounted" | "partial"> {
  return {
    identity: statOf(folder, tree).identity,
    ...(tree.isMounted(folder) ? { mounted: true } : {}),
    ...(tree.faults.isPartial(locator) ? { partial: true } : {}),
  };
}

function listEntries(
  tree: FileTree,
  folder: FolderNode,
  locator: string,
  after: string | null,
  most: number,
  mostCharacters: number,
): { entries: Entry[]; end: boolean; characters: number } {
  const names = namesOf(folder);
  const entries: Entry[] = [];
  let characters = 0;
  let at = placeBehind(names, after);
  for (; at < names.length && entries.length < most; at++) {
    const name = names[at] as string;
    const entry = entryOf(tree, folder, locator, name);
    const size = sizeOfText(JSON.stringify(entry)) + 1;
    if (characters + size > mostCharacters) break;
    characters += size;
    entries.push(entry);
  }
  tree.faults.afterRead(locator);
  return { entries, end: at >= names.length, characters };
}

function entryOf(tree: FileTree, folder: FolderNode, locator: string, name: string): Entry {
  const child = locator === "/" ? `/${name}` : `${locator}/${name}`;
  const node = folder.children.get(name) as TreeNode;
  const told = tree.faults.toldOf(child);
  if (told !== null && "failed" in told) return { name, ...told } as Entry;
  // A folder that cannot be listed still shows itself in the one above.
  const failure = node.kind === "folder" ? null : tree.faults.takeListed(child);
  if (failure !== null && failure !== "permission") return { name, failed: scanFailure(failure) };
  const stat = { name, kind: node.kind, ...statOf(node, tree), ...told };
  const stale = tree.faults.staleSizeOf(child);
  if (node.kind === "file" && stale !== null) return { ...stat, sizeBytes: stale };
  if (node.kind !== "link" || told !== null) return stat;
  const target = formatName(node.target);
  return isHexName(target, node.target) ? { ...stat, targetHex: toHex(node.target) } : { ...stat, target };
}

function isHexName(text: string, bytes: Uint8Array): boolean {
  return !Buffer.from(text, "utf8").equals(bytes);
}

/** Characters of a text once everything above U+007E is escaped. */
function sizeOfText(text: string): number {
  let size = text.length + 2;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) size += 5;
  return size;
}

function scanFailure(failure: string): "permission" | "io" | "vanished" | "not-a-folder" {
  return failure === "permission" || failure === "vanished" || failure === "not-a-folder" ? failure : "io";
}

export function runHash(tree: FileTree, slots: Slots, plane: BytePlane, effect: Hash): Answers["hash"] | null {
  const key = slots.read(effect.key);
  const chunks = effect.files.reduce((sum, { count }) => sum + count, 0);
  if (key === null || chunks > HASH_CHUNKS) return null;
  return {
    kind: "hashed",
    files: effect.files.map(({ root, path, first, count }) => {
      const found = tree.find(root, splitPath(path));
      const file = asFile(found);
      return file.kind === "ok" ? hashFile(tree, plane, key, root, path, file, first, count, effect.chunkBytes) : file;
    }),
  };
}

type OpenedFile = { readonly kind: "ok"; readonly node: FileNode; readonly locator: string };

/** What `open` and `fstat` of a host would say. */
export function asFile(found: Found): OpenedFile | Exclude<HashedFile, { kind: "ok" } | { kind: "changed" }> {
  if (found.kind === "failed") {
    if (found.failure === "vanished" || found.failure === "not-a-folder") return { kind: "vanished" };
    return { kind: "unreadable", reason: found.failure === "permission" ? "permission" : "io" };
  }
  if (found.node.kind !== "file") return { kind: "unreadable", reason: "not-a-file" };
  return { kind: "ok", node: found.node, locator: found.locator };
}

function hashFile(
  tree: FileTree,
  plane: BytePlane,
  key: Uint8Array,
  root: string,
  path: string,
  file: OpenedFile,
  first: number,
  count: number,
  chunkBytes: number,
): HashedFile {
  const before: Stat = statOf(file.node, tree);
  const digests: string[] = [];
  let isTrue = true;
  for (let chunk = first; chunk < first + count && chunk * chunkBytes < before.sizeBytes; chunk++) {
    const expected = Math.min(chunkBytes, before.sizeBytes - chunk * chunkBytes);
    const bytes = readFile(tree, file, chunk * chunkBytes, expected);
    isTrue = isTrue && bytes.length === expected;
    digests.push(toHex(plane.digest(key, bytes)));
  }
  // The second stat is of the name, not of the open file: another file may stand there now.
  const again = tree.find(root, splitPath(path));
  if (again.kind === "failed") return again.failure === "vanished" ? { kind: "vanished" } : { kind: "changed" };
  if (!equalStats(before, statOf(again.node, tree))) return { kind: "changed" };
  return isTrue ? { kind: "ok", stat: before, digests } : { kind: "unreadable", reason: "size" };
}

/** Bytes of an open file, with the faults that strike a read. */
export function readFile(tree: FileTree, file: OpenedFile, offset: number, length: number): Uint8Array {
  const short = tree.faults.isShort(file.locator) ? 1 : 0;
  const bytes = file.node.content.read(offset, length - short);
  tree.faults.afterRead(file.locator);
  return bytes;
}

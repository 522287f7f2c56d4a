// The folders of a vault, made from its listing. Rule: a name is text; nothing here is an address or markup.

import type { ListingEntry } from "coffre-engine";
import { splitNames } from "coffre-engine";

/** A file or link in a folder. */
export interface Leaf {
  readonly name: string;
  readonly entry: ListingEntry;
}

/** A folder: the vault itself, a device, a root, or a folder below one. */
export interface Folder {
  readonly name: string;
  /** Null above the roots. */
  readonly place: { readonly device: string; readonly root: string; readonly path: string } | null;
  readonly parent: Folder | null;
  readonly folders: Map<string, Folder>;
  readonly leaves: Leaf[];
  files: number;
  bytes: number;
  newestMs: number;
}

/** An empty vault. */
export function makeVault(): Folder {
  return makeFolder("", null, null);
}

/** Puts entries into their folders. */
export function addEntries(vault: Folder, entries: readonly ListingEntry[]): void {
  for (const entry of entries) {
    const { device, root } = entry;
    const names = splitNames(entry.path);
    const top = child(child(vault, device, null), root, { device, root, path: "" });
    const isFolder = entry.kind === "folder";
    let folder = top;
    let path = "";
    for (const name of isFolder ? names : names.slice(0, -1)) {
      path = path === "" ? name : `${path}/${name}`;
      folder = child(folder, name, { device, root, path });
    }
    const name = names.at(-1);
    if (isFolder || name === undefined) continue;
    folder.leaves.push({ name, entry });
    for (let above: Folder | null = folder; above !== null; above = above.parent) {
      above.files += 1;
      above.bytes += entry.sizeBytes;
      above.newestMs = Math.max(above.newestMs, modifiedMs(entry));
    }
  }
}

/** The time of change of an entry. */
export function modifiedMs({ mtimeS, mtimeUs }: ListingEntry): number {
  return mtimeS * 1000 + Math.floor(mtimeUs / 1000);
}

/** The folder at the same place of another tree, or the nearest one above it that is there. */
export function findAgain(vault: Folder, folder: Folder): Folder {
  const names: string[] = [];
  for (let at = folder; at.parent !== null; at = at.parent) names.unshift(at.name);
  let found = vault;
  for (const name of names) {
    const next = found.folders.get(name);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

/** The vault, or the first folder in which there is more than one thing: a vault of one device and one root begins in it. */
export function findStart(vault: Folder): Folder {
  let start = vault;
  while (start.place === null && start.folders.size === 1 && start.leaves.length === 0) {
    const [only] = start.folders.values();
    if (only === undefined) break;
    start = only;
  }
  return start;
}

function child(folder: Folder, name: string, place: Folder["place"]): Folder {
  let found = folder.folders.get(name);
  if (found === undefined) {
    found = makeFolder(name, folder, place);
    folder.folders.set(name, found);
  }
  return found;
}

function makeFolder(name: string, parent: Folder | null, place: Folder["place"]): Folder {
  return { name, place, parent, folders: new Map(), leaves: [], files: 0, bytes: 0, newestMs: 0 };
}

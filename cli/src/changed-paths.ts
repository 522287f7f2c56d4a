// What a person names as changed: files and folders of the disk, as folders of roots for the engine. Rule: a folder means all
// below it, and a file the folder that it lies in; links are not followed.

import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { RootView } from "coffre-engine";
import { joinPath } from "coffre-engine";
import { usage } from "./command-end.ts";
import { keyOfName, locate, locatorOf, textOfKey } from "./host/names.ts";
import { say } from "./language.ts";
import { showName } from "./printable.ts";

/** Characters of paths that are told at once; what is longer would be told as "anywhere". */
const CHARS_AT_ONCE = 60_000;

/** Folders of one root, by its locator. */
export interface ChangedFolders {
  readonly root: string;
  readonly folders: readonly string[];
}

/** The folders that the paths stand for, in pieces that can be told. A CommandFailed for what no root holds. */
export function findChanged(paths: readonly string[], roots: readonly RootView[]): ChangedFolders[] {
  return paths.flatMap((path) => {
    const { folder, isFolder } = findFolder(path);
    const root = roots.find(({ locator }) => folder === locator || folder.startsWith(asPrefix(locator)));
    if (root === undefined) throw usage(say("folder", "in-none", { path: showName(path) }));
    const top = folder === root.locator ? "" : folder.slice(asPrefix(root.locator).length);
    const folders = isFolder ? listFolders(root.locator, top) : [top];
    return inPieces(folders).map((piece) => ({ root: root.locator, folders: piece }));
  });
}

function asPrefix(locator: string): string {
  return locator.endsWith("/") ? locator : `${locator}/`;
}

/** The locator of the folder that is named, or of that in which what is named lies. */
function findFolder(path: string): { folder: string; isFolder: boolean } {
  try {
    const isFolder = lstatSync(path).isDirectory();
    return { folder: locatorOf(realpathSync(isFolder ? path : dirname(path), "buffer")), isFolder };
  } catch {
    throw usage(say("folder", "nothing-there", { path: showName(path) }));
  }
}

/** A folder and all below it; what cannot be looked into is named too, and the engine says why. */
function listFolders(root: string, top: string): string[] {
  const folders = [top];
  for (let next = 0; next < folders.length; next++) {
    const folder = folders[next] as string;
    for (const name of readFolderNames(root, folder)) folders.push(joinPath(folder, name));
  }
  return folders;
}

function readFolderNames(root: string, folder: string): string[] {
  try {
    const entries = readdirSync(locate(root, folder), { encoding: "latin1", withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => textOfKey(keyOfName(name)));
  } catch {
    return [];
  }
}

function inPieces(folders: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let piece: string[] = [];
  let chars = 0;
  for (const folder of folders) {
    if (piece.length === 0 || chars + folder.length > CHARS_AT_ONCE) {
      piece = [];
      pieces.push(piece);
      chars = 0;
    }
    piece.push(folder);
    chars += folder.length + 3;
  }
  return pieces;
}

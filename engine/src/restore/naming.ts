// What restored things are called in the target. Rule: pure; nothing that a vault says becomes a component that leads
// out of the target, and a second name is made only for what has none yet.

import { joinPath, splitPath } from "../format/path.ts";
import { utf8Length } from "../utf8.ts";

const MAX_NAME_BYTES = 255;

/** A root that is restored: its row, its name, and its device's. */
export interface NamedRoot {
  readonly root: number;
  readonly name: string;
  readonly device: string;
}

/**
 * The folder of each root below the target: the root's name, below its device's where two devices have a root of that
 * name; made safe, and told apart by a number where that made two alike.
 */
export function planFolders(roots: readonly NamedRoot[]): Map<number, string> {
  const counts = new Map<string, number>();
  for (const { name } of roots) counts.set(name, (counts.get(name) ?? 0) + 1);
  const folders = new Map<number, string>();
  const taken = new Set<string>();
  for (const { root, name, device } of roots) {
    const own = makeSafe(name);
    const plain = counts.get(name) === 1 ? own : joinPath(makeSafe(device), own);
    let folder = plain;
    for (let n = 2; taken.has(folder); n++) folder = `${plain} (${n})`;
    taken.add(folder);
    folders.set(root, folder);
  }
  return folders;
}

/** One component that is a name and nothing else. */
export function makeSafe(name: string): string {
  if (name === "" || name === "." || name === "..") return "_";
  return name.replace(/[/\0]/g, "_");
}

/**
 * Another name beside a taken one: `a (restored).txt`, then `a (restored 2).txt` and so on for `tries` from 1. Names of
 * bytes that are not UTF-8 get theirs behind the last of their bytes; a long stem is cut to 255 bytes.
 */
export function renamePath(path: string, tries: number): string {
  const { folder, name } = splitPath(path);
  const mark = tries === 1 ? " (restored)" : ` (restored ${tries})`;
  if (name.startsWith("/")) return joinPath(folder, renameRaw(name, mark));
  const dot = name.lastIndexOf(".");
  const stem = [...(dot > 0 ? name.slice(0, dot) : name)];
  const extension = dot > 0 ? name.slice(dot) : "";
  while (stem.length > 1 && utf8Length(stem.join("") + mark + extension) > MAX_NAME_BYTES) stem.pop();
  return joinPath(folder, stem.join("") + mark + extension);
}

/** The mark is ASCII, so the bytes stay what is not UTF-8. */
function renameRaw(name: string, mark: string): string {
  let hex = "";
  for (let i = 0; i < mark.length; i++) hex += mark.charCodeAt(i).toString(16).padStart(2, "0");
  return name.slice(0, 1 + 2 * MAX_NAME_BYTES - hex.length) + hex;
}

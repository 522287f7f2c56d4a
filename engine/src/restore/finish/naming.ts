// What restored things are called in the target. Rule: pure; nothing that a vault says becomes a component that leads
// out of the target, no root's folder is, lies in or holds another's, and a second name is made only for what has none yet.

import { invariant } from "../../errors.ts";
import { joinPath, splitPath } from "../../format/path.ts";
import { utf8Length } from "../../utf8.ts";
import type { RootRow } from "../tables/index-rows.ts";
import { foldName } from "./name-folding.ts";

const MAX_NAME_BYTES = 255;
/** What a restore keeps of its own in the target (docs/host-api.md H-25): nothing of a vault is put there. */
const WORK_FOLDER = ".coffre-restore";

/**
 * The folder of each root below the target: the root's name, below its device's where two of the roots are called alike.
 * All of them are made safe; whatever would meet another one, or the work folder, gets a number. Names that differ in
 * case or in normal form alone are alike, since some file systems take them for one.
 */
export function planFolders(roots: readonly RootRow[]): Map<number, string> {
  const counts = new Map<string, number>();
  for (const { name } of roots) {
    const folded = foldName(makeSafe(name));
    counts.set(folded, (counts.get(folded) ?? 0) + 1);
  }
  const isShared = ({ name }: RootRow): boolean => (counts.get(foldName(makeSafe(name))) ?? 0) > 1;
  const folders = new Map<number, string>();
  // Roots of the target's own level come first, so that a device's folder gives way to them.
  const taken = new Set([foldName(WORK_FOLDER)]);
  for (const root of roots.filter((each) => !isShared(each))) folders.set(root.root, claimName(taken, root.name));
  const devices = new Map<number, { folder: string; taken: Set<string> }>();
  for (const { root, name, device, deviceName } of roots.filter(isShared)) {
    const place = devices.get(device) ?? { folder: claimName(taken, deviceName), taken: new Set<string>() };
    devices.set(device, place);
    folders.set(root, joinPath(place.folder, claimName(place.taken, name)));
  }
  return folders;
}

/** The safe form of a name, with a number where one like it is taken; it is taken from now on. */
function claimName(taken: Set<string>, name: string): string {
  const safe = makeSafe(name);
  for (let n = 1; ; n++) {
    invariant(n <= taken.size + 1, "one of so many names is free");
    const claimed = n === 1 ? safe : `${safe} (${n})`;
    const folded = foldName(claimed);
    if (taken.has(folded)) continue;
    taken.add(folded);
    return claimed;
  }
}

/** One component that is a name and nothing else. */
export function makeSafe(name: string): string {
  if (name === "" || name === "." || name === "..") return "_";
  return name.replace(/[/\0]/g, "_");
}

/**
 * Another name beside a taken one: `a (restored).txt`, then `a (restored 2).txt` and so on for `tries` from 1. Names of
 * bytes that are not UTF-8 get theirs behind the last of their bytes; a long name is cut to 255 bytes.
 */
export function renamePath(path: string, tries: number): string {
  const { folder, name } = splitPath(path);
  const mark = tries === 1 ? " (restored)" : ` (restored ${tries})`;
  if (name.startsWith("/")) return joinPath(folder, renameRaw(name, mark));
  const dot = name.lastIndexOf(".");
  const stem = [...(dot > 0 ? name.slice(0, dot) : name)];
  const extension = [...(dot > 0 ? name.slice(dot) : "")];
  const renamed = (): string => stem.join("") + mark + extension.join("");
  while (utf8Length(renamed()) > MAX_NAME_BYTES) (stem.length > 1 ? stem : extension).pop();
  return joinPath(folder, renamed());
}

/** The mark is ASCII, so the bytes stay what is not UTF-8. */
function renameRaw(name: string, mark: string): string {
  let hex = "";
  for (let i = 0; i < mark.length; i++) hex += mark.charCodeAt(i).toString(16).padStart(2, "0");
  return name.slice(0, 1 + 2 * MAX_NAME_BYTES - hex.length) + hex;
}

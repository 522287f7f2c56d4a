// A folder that others work in while it is backed up and restored. Rule: a difference is excused only by what was seen of the
// folder itself: it could not be read, or it changed between two looks.

import { lstatSync } from "node:fs";
import {
  compareTrees,
  formatName,
  type OnUnreadable,
  pictureFolder,
  type TreePicture,
  walkTree,
} from "../../conformance-tests/end-to-end/tree-picture.ts";

/** What the first look found. */
export type FolderLook = {
  /** Everything that could be read, without sockets, pipes and devices. */
  readonly picture: TreePicture;
  /** What could not, by path, with the system's code. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Sockets, pipes and devices, which Coffre leaves out by rule. */
  readonly others: number;
  readonly states: ReadonlyMap<string, string>;
};

/** What others did between two looks. */
export type FolderChanges = { readonly changed: ReadonlySet<string>; readonly cameOrWent: ReadonlySet<string> };

/** What became of the entries of a folder. */
export type ComparedFolder = {
  readonly equal: ReadonlySet<string>;
  /** One line for each difference that nothing excuses. */
  readonly differences: readonly string[];
};

/** Looks at `root` and everything below it but for what lies in `without`, a path below it, or null. */
export function lookAtFolder(root: string, without: string | null): FolderLook {
  const states = readStates(root, without);
  const unreadable = new Map<string, string>();
  const onUnreadable: OnUnreadable = (path, error) => {
    unreadable.set(formatName(path), error instanceof Error && "code" in error ? String(error.code) : "unreadable");
  };
  const all = [...pictureFolder(root, onUnreadable)].filter(([path]) => !isIn(path, without));
  const picture = new Map(all.filter(([, { kind }]) => kind !== "other"));
  return { picture, unreadable, others: all.length - picture.size, states };
}

/** The paths that are not what they were at the first look, and those that came or went. */
export function findChanges(root: string, without: string | null, { states }: FolderLook): FolderChanges {
  const now = readStates(root, without);
  const changed = [...now]
    .filter(([path, state]) => states.has(path) && states.get(path) !== state)
    .map(([path]) => path);
  const came = [...now.keys()].filter((path) => !states.has(path));
  const went = [...states.keys()].filter((path) => !now.has(path));
  return { changed: new Set(changed), cameOrWent: new Set([...came, ...went]) };
}

/** Sorts the entries of both pictures; `leftOut` are paths that the backup named itself, with all below them. */
export function compareFolder(
  { picture, unreadable }: FolderLook,
  { changed, cameOrWent }: FolderChanges,
  leftOut: ReadonlySet<string>,
  found: TreePicture,
): ComparedFolder {
  const equal = new Set<string>();
  const differences: string[] = [];
  for (const path of new Set([...picture.keys(), ...found.keys()])) {
    const lines = compareTrees(only(picture, path), only(found, path));
    const cameAndWent = !picture.has(path) && changed.has(parentOf(path));
    const isExcused =
      cameAndWent || changed.has(path) || [cameOrWent, unreadable, leftOut].some((set) => holds(set, path));
    if (lines.length === 0) equal.add(path);
    else if (!isExcused) differences.push(...lines);
  }
  return { equal, differences };
}

/** Whether the path or a folder above it is in `paths`. */
function holds(paths: { has(path: string): boolean }, path: string): boolean {
  for (let at = path; at !== ""; at = parentOf(at)) if (paths.has(at)) return true;
  return paths.has("");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Size, times, mode and identity of everything that can be looked at. */
function readStates(root: string, without: string | null): Map<string, string> {
  const states = new Map<string, string>();
  const paths = [Buffer.alloc(0), ...walkTree(root, () => {})];
  for (const path of paths) {
    const name = formatName(path);
    if (isIn(name, without)) continue;
    const stat = lstatSync(Buffer.concat([Buffer.from(`${root}/`), path]), { bigint: true, throwIfNoEntry: false });
    if (stat !== undefined) states.set(name, [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs, stat.mode].join(" "));
  }
  return states;
}

function isIn(path: string, folder: string | null): boolean {
  return folder !== null && (path === folder || path.startsWith(`${folder}/`));
}

function only(picture: TreePicture, path: string): TreePicture {
  const entry = picture.get(path);
  return new Map(entry === undefined ? [] : [[path, entry]]);
}

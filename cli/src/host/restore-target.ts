// The folder that a restore fills (docs/host-api.md H-25). Rule: every component above a name is looked at before the name is
// touched, and one that is a link stops the item: nothing is ever written outside.

import {
  type BigIntStats,
  chmodSync,
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import type { FinishedItem } from "coffre-engine";
import { joinPath } from "coffre-engine";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import { makeFolders } from "./made-folders.ts";
import { isCreatable, locate, locateIn, type SystemPath, splitPath } from "./names.ts";
import { errnoOf } from "./system-error.ts";
import { writeFailureOf } from "./work-files.ts";

/** Why an item was not done. */
export type NotFinished = Exclude<FinishedItem, { kind: "ok" }>;

/** A name in the target, whose folder is there and is no link. */
export interface Place {
  readonly folder: SystemPath;
  readonly path: SystemPath;
}

const MODE_BITS = 0o7777;
const OWNER_CHANGES = 0o700;
/** File systems without hard links, or that refuse one more. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/** One batch's view of the target: folders that were looked at once are not looked at again before the batch ends. */
export class RestoreTarget {
  readonly #locator: string;
  readonly #seen = new Map<string, SystemPath>();
  readonly #touched = new Map<string, SystemPath>();
  /** Folders that were there and kept their owner from changing them, with the modes that they had. */
  readonly #opened = new Map<string, { readonly folder: SystemPath; readonly mode: number }>();

  /** Makes the target's folder when it is missing. */
  constructor(locator: string) {
    this.#locator = locator;
    makeFolders(locate(locator, ""), 0o700);
    this.#seen.set("", locate(locator, ""));
  }

  /** The place of `path`, making the folders above it; or why there is none. */
  find(path: string): Place | NotFinished {
    const names = splitNames(path);
    if (names === null || names.length === 0) return { kind: "refused", reason: "name" };
    const folder = this.#enter(names.slice(0, -1));
    if (typeof folder === "object" && "kind" in folder) return folder;
    return { folder, path: locateIn(folder, names.at(-1) as string) };
  }

  /** The folder `path`, made where it is missing, with those above it; or why it cannot be. */
  makeFolder(path: string): SystemPath | NotFinished {
    const names = splitNames(path);
    return names === null ? { kind: "refused", reason: "name" } : this.#enter(names);
  }

  /** Remembers that a name in `folder` changed. */
  touch(folder: SystemPath): void {
    this.#touched.set(folder.toString("latin1" as never), folder);
  }

  /** The folders in which names changed. */
  touchedFolders(): SystemPath[] {
    return [...this.#touched.values()];
  }

  /** Does `work` in `folder`, which is opened to its owner where its mode refuses that. */
  inFolder<T extends SystemPath | FinishedItem>(folder: SystemPath, work: () => T): T {
    const done = work();
    const isShut =
      typeof done === "object" && "kind" in done && done.kind === "refused" && done.reason === "permission";
    return isShut && this.#openToOwner(folder) ? work() : done;
  }

  /** Gives the folders that were opened their modes back, those below before those above. */
  closeFolders(): void {
    for (const { folder, mode } of [...this.#opened.values()].reverse()) chmodSync(folder, mode);
    this.#opened.clear();
  }

  #openToOwner(folder: SystemPath): boolean {
    const key = folder.toString("latin1" as never);
    if (this.#opened.has(key)) return false;
    try {
      const mode = lstatSync(folder).mode & MODE_BITS;
      if ((mode & OWNER_CHANGES) === OWNER_CHANGES) return false;
      chmodSync(folder, mode | OWNER_CHANGES);
      this.#opened.set(key, { folder, mode });
      return true;
    } catch (error) {
      // Somebody else's folder: it stays as it is, and so does what was said of it.
      if (errnoOf(error) === "") throw error;
      return false;
    }
  }

  #enter(names: readonly string[]): SystemPath | NotFinished {
    let text = "";
    let folder = locate(this.#locator, "");
    for (const name of names) {
      text = joinPath(text, name);
      const seen = this.#seen.get(text);
      const above = folder;
      const entered = seen ?? this.inFolder(above, () => this.#enterOne(above, locateIn(above, name)));
      if (typeof entered === "object" && "kind" in entered) return entered;
      if (seen === undefined) this.#seen.set(text, entered);
      folder = entered;
    }
    return folder;
  }

  #enterOne(above: SystemPath, path: SystemPath): SystemPath | NotFinished {
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined) {
        mkdirSync(path, 0o700);
        this.touch(above);
      } else if (stat.isSymbolicLink()) return { kind: "conflict", reason: "link-in-path" };
      else if (!stat.isDirectory()) return { kind: "conflict", reason: "not-a-folder" };
      return path;
    } catch (error) {
      return notFinishedOf(error);
    }
  }
}

/**
 * Moves `from` to `to`. With `refuse` whatever is at `to` stays, without a moment in which it could be replaced, and the
 * answer is `exists`, unless it is `from` itself: then a process ended between the two steps.
 */
export function place(from: SystemPath, to: SystemPath, existing: "refuse" | "replace"): FinishedItem {
  try {
    if (existing === "replace") {
      renameSync(from, to);
      return { kind: "ok" };
    }
    try {
      linkSync(from, to);
    } catch (error) {
      if (!NO_LINKS.has(errnoOf(error))) throw error;
      moveOverOwn(from, to);
      return { kind: "ok" };
    }
    unlinkSync(from);
    return { kind: "ok" };
  } catch (error) {
    if (errnoOf(error) === "EEXIST" && existing === "refuse")
      return isSameFile(from, to) ? removeFirst(from) : { kind: "exists" };
    if (["EISDIR", "ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(errnoOf(error)))
      return { kind: "conflict", reason: "is-a-folder" };
    return notFinishedOf(error);
  }
}

/** The stat of a name that is not followed, or null when there is none. */
export function statName(path: SystemPath): BigIntStats | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

/** What an error of the system means for an item; throws what is no error of the system. */
export function notFinishedOf(error: unknown): NotFinished {
  if (error instanceof RefusedEffect) return { kind: "refused", reason: "name" };
  if (["ENAMETOOLONG", "EINVAL", "EILSEQ"].includes(errnoOf(error))) return { kind: "refused", reason: "name" };
  const reason = writeFailureOf(error);
  return reason === "no-space" ? { kind: "no-space" } : { kind: "refused", reason };
}

/** The names of a path, or null when a file system cannot hold one of them. */
function splitNames(path: string): string[] | null {
  try {
    const names = splitPath(path);
    return names.every(isCreatable) ? names : null;
  } catch (error) {
    if (error instanceof RefusedEffect) return null;
    throw error;
  }
}

/** Takes the name with an empty file, which the move replaces; one that was not replaced is taken away again. */
function moveOverOwn(from: SystemPath, to: SystemPath): void {
  const fd = openSync(to, "wx", 0o600);
  const own = fstatSync(fd, { bigint: true });
  closeSync(fd);
  try {
    renameSync(from, to);
  } catch (error) {
    if (isSame(own, statName(to))) unlinkSync(to);
    throw error;
  }
}

function isSameFile(a: SystemPath, b: SystemPath): boolean {
  return isSame(statName(a), statName(b));
}

function isSame(a: BigIntStats | null, b: BigIntStats | null): boolean {
  return a !== null && b !== null && a.ino === b.ino && a.dev === b.dev;
}

function removeFirst(from: SystemPath): FinishedItem {
  unlinkSync(from);
  return { kind: "ok" };
}

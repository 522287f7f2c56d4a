// Files that grow under their temporary names (docs/host-api.md H-23). Rule: readable by their owner alone, never through a
// link, at the offset that is named. They are flushed when they are finished, and not before.

import { closeSync, constants, ftruncateSync, openSync } from "node:fs";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import { makeFolders } from "./made-folders.ts";
import { folderOf, locate } from "./names.ts";
import { writeSparse } from "./sparse-writing.ts";
import { errnoOf } from "./system-error.ts";

/** Why bytes were not written. */
export type WriteFailure = "no-space" | "permission" | "io";

const FLAGS = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** Writes pieces below some roots; the file of the last piece stays open for the next. */
export class WorkFiles {
  readonly #roots: readonly string[];
  /** Files that the file system took back: some say only when a file is closed that there was no room. */
  readonly #lost = new Map<string, WriteFailure>();
  #open: { readonly id: string; readonly fd: number } | null = null;

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** Writes `bytes` at `offset`, making the file and its folders; null when they are written. */
  write(root: number, path: string, offset: number, bytes: Buffer): WriteFailure | null {
    try {
      writeSparse(this.#openFile(root, path), offset, bytes);
      return null;
    } catch (error) {
      return writeFailureOf(error);
    }
  }

  /** Ends the file at `sizeBytes`, as `write` does. */
  end(root: number, path: string, sizeBytes: number): WriteFailure | null {
    try {
      ftruncateSync(this.#openFile(root, path), sizeBytes);
      return null;
    } catch (error) {
      return writeFailureOf(error);
    }
  }

  /** After `close`: why what was written into a file was not taken, or null when it was. */
  failureOf(root: number, path: string): WriteFailure | null {
    return this.#lost.get(idOf(root, path)) ?? null;
  }

  /** Closes the file that is open. */
  close(): void {
    if (this.#open === null) return;
    const { id, fd } = this.#open;
    this.#open = null;
    try {
      closeSync(fd);
    } catch (error) {
      this.#lost.set(id, writeFailureOf(error));
    }
  }

  #openFile(root: number, path: string): number {
    const id = idOf(root, path);
    if (this.#open?.id === id) return this.#open.fd;
    this.close();
    const locator = this.#roots[root];
    if (locator === undefined) throw new RefusedEffect("expected the index of a root");
    const file = locate(locator, path);
    let fd: number;
    try {
      fd = openSync(file, FLAGS, 0o600);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      makeFolders(locate(locator, folderOf(path)), 0o700);
      fd = openSync(file, FLAGS, 0o600);
    }
    this.#open = { id, fd };
    return fd;
  }
}

function idOf(root: number, path: string): string {
  return `${root} ${path}`;
}

/** The reason behind an error of writing; throws what is no error of the system. */
export function writeFailureOf(error: unknown): WriteFailure {
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return "no-space";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "permission";
    case "":
      throw error;
    default:
      return "io";
  }
}

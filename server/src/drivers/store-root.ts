// A folder that holds a store, and its mark: a file that says whose store it is. Rule: without the mark that was agreed on
// (an unmounted disk, a wrong path) nothing is read as missing and nothing is written: StoreUnavailable.

import type { BigIntStats } from "node:fs";
import { open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type MarkedStore, StoreUnavailable } from "../domain/storage.ts";
import { isCode, makeFolder, syncFolder } from "./durable-files.ts";

export const MARK_NAME = "store.json";

export class StoreRoot implements MarkedStore {
  readonly path: string;
  #expected: string | null = null;
  /** The mark's file as it was last read: the same file needs no second look. */
  #seen: { readonly dev: bigint; readonly ino: bigint; readonly mtimeNs: bigint } | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async readMark(): Promise<string | null> {
    try {
      return (await readFile(join(this.path, MARK_NAME), "utf8")).trim();
    } catch (error) {
      if (isCode(error, "ENOENT")) return null;
      throw error;
    }
  }

  async writeMark(text: string): Promise<void> {
    await makeFolder(this.path);
    const path = join(this.path, MARK_NAME);
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(`${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await syncFolder(this.path);
  }

  requireMark(text: string): void {
    this.#expected = text;
    this.#seen = null;
  }

  async check(): Promise<void> {
    if (this.#expected === null) return;
    let now: BigIntStats;
    try {
      now = await stat(join(this.path, MARK_NAME), { bigint: true });
    } catch {
      throw new StoreUnavailable();
    }
    const seen = this.#seen;
    if (seen !== null && seen.dev === now.dev && seen.ino === now.ino && seen.mtimeNs === now.mtimeNs) return;
    const mark = await this.readMark().catch(() => null);
    if (mark !== this.#expected) throw new StoreUnavailable();
    this.#seen = now;
  }

  /** Null for what is not there below a root that is; every other error of the store is StoreUnavailable. */
  async unlessMissing<Result>(work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      const code = readCode(error);
      if (code === null) throw error;
      if (code !== "ENOENT") throw new StoreUnavailable(code);
      await this.check();
      return null;
    }
  }
}

/** The code of a system error; null for any other. */
function readCode(error: unknown): string | null {
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : null;
}

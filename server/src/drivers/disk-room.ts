// The disk of the data folder: whether it can be written, and the ballast, a file that keeps room for work that frees room
// (P-86). Rule: the ballast is bytes that no file system makes smaller, and it has its name only when it is whole.

import { randomBytes } from "node:crypto";
import { open, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Room, StorageFull, StoreUnavailable } from "../domain/storage.ts";
import { isCode, syncFolder, translateFull } from "./durable-files.ts";

/** As much as frees room in bounded steps: four write-ahead logs of the database. */
const MAX_BALLAST_BYTES = 67_108_864;
/** At most this part of the disk. */
const BALLAST_SHARE = 0.01;
const PIECE_BYTES = 1_048_576;
/** A disk that refuses though it shows room (a quota of the system) is not written to again before this. */
const REFUSED_PAUSE_MS = 10 * 60_000;
const TRIAL = "trial";
/** More than what some file systems keep inside a folder's own entry. */
const TRIAL_BYTES = 4_096;

export class DiskRoom implements Room {
  readonly #path: string;
  readonly #data: string;
  readonly #folders: readonly string[];
  #notBeforeMs = 0;

  /** `folders` are those in which the server writes; the ballast lies in `data`. */
  constructor(data: string, folders: readonly string[]) {
    this.#data = data;
    this.#path = join(data, "ballast");
    this.#folders = folders;
  }

  async tryWrite(): Promise<void> {
    for (const folder of this.#folders) {
      const path = join(folder, TRIAL);
      try {
        const file = await open(path, "w", 0o600);
        try {
          await file.writeFile(new Uint8Array(TRIAL_BYTES));
        } finally {
          await file.close();
          await rm(path, { force: true });
        }
      } catch (error) {
        if (isCode(error, "ENOSPC", "EDQUOT")) throw new StorageFull();
        throw new StoreUnavailable(error instanceof Error && "code" in error ? String(error.code) : "unknown");
      }
    }
  }

  async makeBallast(signal: AbortSignal | null): Promise<boolean> {
    if ((await stat(this.#path).catch(() => null)) !== null) return true;
    const { bsize, blocks, bavail } = await statfs(this.#data);
    const sizeBytes = Math.min(MAX_BALLAST_BYTES, Math.floor(bsize * blocks * BALLAST_SHARE));
    // A file system that does not know its size keeps no room, and that is no reason to refuse.
    if (sizeBytes === 0) return true;
    // Twice the room, or it would come and go with every small change.
    if (bsize * bavail < 2 * sizeBytes || performance.now() < this.#notBeforeMs) return false;
    try {
      await translateFull(() => this.#write(sizeBytes, signal));
      return true;
    } catch (error) {
      await rm(this.#newPath, { force: true });
      if (signal?.aborted === true) return false;
      if (!(error instanceof StorageFull)) throw error;
      this.#notBeforeMs = performance.now() + REFUSED_PAUSE_MS;
      return false;
    }
  }

  async giveBallast(): Promise<void> {
    for (const path of [this.#path, this.#newPath]) await rm(path, { force: true });
  }

  async readSpace(): Promise<{ freeBytes: number; totalBytes: number } | null> {
    const { bsize, blocks, bavail } = await statfs(this.#data);
    return blocks === 0 ? null : { freeBytes: bsize * bavail, totalBytes: bsize * blocks };
  }

  get #newPath(): string {
    return `${this.#path}.new`;
  }

  async #write(sizeBytes: number, signal: AbortSignal | null): Promise<void> {
    // Compression finds nothing in random bytes, and looks not as far back as to the piece before.
    const piece = randomBytes(Math.min(PIECE_BYTES, sizeBytes));
    const file = await open(this.#newPath, "w", 0o600);
    try {
      for (let done = 0; done < sizeBytes; ) {
        signal?.throwIfAborted();
        done += (await file.write(piece, 0, Math.min(piece.length, sizeBytes - done))).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#newPath, this.#path);
    await syncFolder(this.#data);
  }
}

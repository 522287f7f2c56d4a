// Blobs as files (P-70): temporary file → hash while writing → fsync → rename to `id.suffix` → fsync the folder.
// Rule: a file under `blobs/` is whole and durable; everything else lives under `tmp/` and may be swept at a start.

import { createHash, type Hash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, opendir, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Id } from "../domain/encodings.ts";
import type { Arrival, BlobStore, ByteRange, StoredBlob } from "../domain/storage.ts";
import { makeFolder, syncFolder, translateFull } from "./durable-files.ts";
import { StoreRoot } from "./store-root.ts";

/** Pieces of a body are gathered up to this size and written by one call. */
const WRITE_BYTES = 524_288;
/** Two for each of sixteen uploads at once. */
const MAX_FREE_BUFFERS = 32;
const READ_BYTES = 262_144;
const BLOB_NAME = /^([0-9a-f]{64})\.([0-9a-f]{16})$/;

/** Buffers that uploads use one after the other, so that memory follows the width of uploads and not their number. */
class WriteBuffers {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(WRITE_BYTES);
  }

  give(...buffers: readonly Uint8Array[]): void {
    for (const buffer of buffers) if (this.#free.length < MAX_FREE_BUFFERS) this.#free.push(buffer);
  }
}

export class DiskBlobs extends StoreRoot implements BlobStore {
  readonly #temporary: string;
  readonly #made = new Set<string>();
  readonly #buffers = new WriteBuffers();

  constructor(root: string, temporary: string) {
    super(root);
    this.#temporary = temporary;
  }

  receive(source: AsyncIterable<Uint8Array>): Promise<Arrival> {
    return translateFull(async () => {
      const path = join(this.#temporary, randomBytes(16).toString("hex"));
      const file = await open(path, "wx", 0o600);
      try {
        const hash = createHash("sha256");
        const sizeBytes = await writeBody(file, source, hash, this.#buffers);
        const id = hash.digest("hex") as Id;
        return {
          hash: id,
          sizeBytes,
          keep: (vault, blob) => translateFull(() => this.#keep(file, path, vault, blob)),
          discard: async () => {
            await file.close();
            await rm(path, { force: true });
          },
        };
      } catch (error) {
        await file.close();
        await rm(path, { force: true });
        throw error;
      }
    });
  }

  open(blob: StoredBlob, range: ByteRange | null): Promise<Readable | null> {
    return this.unlessMissing(async () => {
      const file = await open(this.#path(blob), "r");
      if ((await file.stat()).size !== blob.sizeBytes) {
        // A body shorter than its announced length would leave the client waiting for the rest (P-43).
        await file.close();
        return null;
      }
      const bounds = range === null ? {} : { start: range.first, end: range.last };
      return createReadStream("", { fd: file, highWaterMark: READ_BYTES, ...bounds });
    });
  }

  read(blob: StoredBlob): Promise<Uint8Array | null> {
    return this.unlessMissing(() => readFile(this.#path(blob)));
  }

  async has(blob: StoredBlob): Promise<boolean> {
    return (await this.unlessMissing(() => stat(this.#path(blob))))?.size === blob.sizeBytes;
  }

  async find(vault: Id, id: Id): Promise<StoredBlob[]> {
    const folder = this.#folder(vault, id);
    const found: StoredBlob[] = [];
    for (const name of (await this.unlessMissing(() => readdir(folder))) ?? []) {
      const [, named, suffix] = BLOB_NAME.exec(name) ?? [];
      if (named !== id || suffix === undefined) continue;
      const file = await this.unlessMissing(() => stat(join(folder, name)));
      if (file !== null) found.push({ vault, id, suffix, sizeBytes: file.size });
    }
    return found;
  }

  async remove(blob: StoredBlob): Promise<void> {
    await translateFull(() => rm(this.#path(blob), { force: true }));
  }

  async *list(): AsyncIterable<StoredBlob> {
    await this.check();
    for await (const shard of listFolders(this.path)) {
      for await (const vault of listFolders(join(this.path, shard))) {
        for await (const part of listFolders(join(this.path, shard, vault))) {
          yield* listBlobs(join(this.path, shard, vault, part), vault as Id);
        }
      }
    }
    await this.check();
  }

  async #keep(file: FileHandle, path: string, vault: Id, id: Id): Promise<string> {
    await file.datasync();
    await file.close();
    const suffix = randomBytes(8).toString("hex");
    const folder = this.#folder(vault, id);
    await this.check();
    if (!this.#made.has(folder)) {
      await makeFolder(folder);
      this.#made.add(folder);
    }
    await rename(path, join(folder, `${id}.${suffix}`));
    await syncFolder(folder);
    return suffix;
  }

  #folder(vault: Id, id: Id): string {
    return join(this.path, vault.slice(0, 2), vault, id.slice(0, 2));
  }

  #path(blob: StoredBlob): string {
    return join(this.#folder(blob.vault, blob.id), `${blob.id}.${blob.suffix}`);
  }
}

/** Opens the blobs below `root`; bodies that are still arriving are under `temporary`, on the same file system. */
export async function openDiskBlobs(root: string, temporary: string): Promise<BlobStore> {
  await makeFolder(root);
  await makeFolder(temporary);
  return new DiskBlobs(root, temporary);
}

/** Removes what an earlier process left half written. */
export async function sweepTemporary(temporary: string): Promise<void> {
  await makeFolder(temporary);
  for await (const entry of await opendir(temporary)) await unlink(join(temporary, entry.name));
}

/** Gathers the pieces into buffers and writes those, one write in flight while the next buffer fills; gives the size. */
async function writeBody(
  file: FileHandle,
  source: AsyncIterable<Uint8Array>,
  hash: Hash,
  buffers: WriteBuffers,
): Promise<number> {
  const pair = [buffers.take(), buffers.take()] as const;
  let sizeBytes = 0;
  let filling = 0;
  let filled = 0;
  let writing: Promise<void> = Promise.resolve();
  let hasFailed = false;
  const flush = async (): Promise<void> => {
    await writing;
    writing = writeAll(file, pair[filling as 0 | 1].subarray(0, filled));
    // A full disk is told with the next piece, and not only when the next buffer is full.
    writing.catch(() => {
      hasFailed = true;
    });
    filling = 1 - filling;
    filled = 0;
  };
  try {
    for await (const piece of source) {
      if (hasFailed) await writing;
      hash.update(piece);
      sizeBytes += piece.length;
      for (let start = 0; start < piece.length; ) {
        const part = piece.subarray(start, start + WRITE_BYTES - filled);
        pair[filling as 0 | 1].set(part, filled);
        filled += part.length;
        start += part.length;
        if (filled === WRITE_BYTES) await flush();
      }
      release(piece);
    }
    if (filled > 0) await flush();
  } finally {
    // The buffers go back only when nothing is written from them any more.
    await writing.finally(() => buffers.give(...pair));
  }
  return sizeBytes;
}

/**
 * Gives the memory of a piece back, which nobody reads any more; does nothing when it is a part of another buffer. The
 * collector would look through the whole heap for every few megabytes of them: half of the processor's time.
 */
function release(piece: Uint8Array): void {
  const memory = piece.buffer;
  if (piece.length > 0 && memory.byteLength === piece.length && memory instanceof ArrayBuffer) memory.transfer(0);
}

/** Writes all bytes at the file's end, also when the system takes them in parts. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done)).bytesWritten;
  }
}

async function* listFolders(path: string): AsyncIterable<string> {
  for await (const entry of await opendir(path)) if (entry.isDirectory()) yield entry.name;
}

async function* listBlobs(folder: string, vault: Id): AsyncIterable<StoredBlob> {
  for await (const entry of await opendir(folder)) {
    const [, id, suffix] = BLOB_NAME.exec(entry.name) ?? [];
    if (id === undefined || suffix === undefined) continue;
    const file = await open(join(folder, entry.name), "r");
    try {
      yield { vault, id: id as Id, suffix, sizeBytes: (await file.stat()).size };
    } finally {
      await file.close();
    }
  }
}

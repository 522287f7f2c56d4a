// The tables at the head of a record's body or a list, filled as references are made. Rule: an id or a source stands in
// them once, and a reference names it by its place.

import type { ChunkRef, Source } from "../format/chunk-refs.ts";
import type { BlobId, ChunkId, DeviceId } from "../ids.ts";
import { storedId } from "../ids.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";

export class RefTable {
  readonly #device: DeviceId;
  readonly sources: Source[] = [];
  readonly blobs: BlobId[] = [];
  readonly #sourceOf: Map<number, number> = new Map();
  readonly #blobOf: Map<string, number> = new Map();

  constructor(device: DeviceId) {
    this.#device = device;
  }

  /** The reference in a row's columns `digest, offset, sealed, sha, epoch`, which begin at column `at`. */
  refOf(row: Row, at: number): ChunkRef {
    return {
      id: storedId<ChunkId>(str(row, at)),
      source: this.#source(int(row, at + 4)),
      blob: this.#blob(str(row, at + 3)),
      offsetBytes: int(row, at + 1),
      sealedBytes: int(row, at + 2),
    };
  }

  /** Where the tables end now; `cutTo` takes back what was added since. */
  mark(): { sources: number; blobs: number } {
    return { sources: this.sources.length, blobs: this.blobs.length };
  }

  cutTo(mark: { sources: number; blobs: number }): void {
    for (const { epoch } of this.sources.splice(mark.sources)) this.#sourceOf.delete(epoch);
    for (const id of this.blobs.splice(mark.blobs)) this.#blobOf.delete(id);
  }

  #source(epoch: number): number {
    let index = this.#sourceOf.get(epoch);
    if (index === undefined) {
      index = this.sources.push({ device: this.#device, epoch }) - 1;
      this.#sourceOf.set(epoch, index);
    }
    return index;
  }

  #blob(sha: string): number {
    let index = this.#blobOf.get(sha);
    if (index === undefined) {
      index = this.blobs.push(storedId<BlobId>(sha)) - 1;
      this.#blobOf.set(sha, index);
    }
    return index;
  }
}

// The tables at the head of a record's body or a list, filled as references are made. Rule: an id or a source stands in
// them once, and a reference names it by its place.

import type { ChunkRef, Source } from "../../format/chunk-refs.ts";
import type { BlobId, DeviceId } from "../../ids.ts";
import type { PlacedPiece } from "../tables/piece-rows.ts";

export class RefTable {
  readonly #device: DeviceId;
  readonly sources: Source[] = [];
  readonly blobs: BlobId[] = [];
  readonly #sourceOf: Map<number, number> = new Map();
  readonly #blobOf: Map<BlobId, number> = new Map();

  constructor(device: DeviceId) {
    this.#device = device;
  }

  refOf({ digest, epoch, blob, offsetBytes, sealedBytes }: PlacedPiece): ChunkRef {
    return { id: digest, source: this.#source(epoch), blob: this.#blob(blob), offsetBytes, sealedBytes };
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

  #blob(sha: BlobId): number {
    let index = this.#blobOf.get(sha);
    if (index === undefined) {
      index = this.blobs.push(sha) - 1;
      this.#blobOf.set(sha, index);
    }
    return index;
  }
}

// How large blobs are and how many are sent at once, from what the link showed. Rule: a blob should take a few seconds on
// any link; throughput decides the size, a broken connection or a 413 halves it.

import { CHUNK_BYTES } from "../../format/ladder.ts";
import type { LinkState } from "../../store/settings.ts";

export const MAX_BLOB_CHUNKS = 8;
const MAX_WIDTH = 4;
/** What a blob should take. */
const TARGET_MS = 4_000;

export class Link {
  #chunks = 4;
  #cap = MAX_BLOB_CHUNKS;
  #width = 2;
  #bytesPerMs = 0;

  /** Chunks that the next blob holds at the most. */
  get blobChunks(): number {
    return Math.min(this.#chunks, this.#cap);
  }

  /** Blobs that may be on their way at once. */
  get width(): number {
    return this.#width;
  }

  /** What a later process may begin with. */
  get state(): LinkState {
    return { chunks: this.#chunks, cap: this.#cap, width: this.#width };
  }

  /** Begins with what an earlier process learned. */
  resume({ chunks, cap, width }: LinkState): void {
    this.#chunks = chunks;
    this.#cap = cap;
    this.#width = width;
  }

  /** A blob arrived. `elapsedMs` counts one exchange of `width` parallel ones. */
  worked(sizeBytes: number, elapsedMs: number): void {
    const sample = sizeBytes / Math.max(elapsedMs, 1);
    this.#bytesPerMs = this.#bytesPerMs === 0 ? sample : 0.6 * this.#bytesPerMs + 0.4 * sample;
    const fits = Math.floor((this.#bytesPerMs * TARGET_MS) / CHUNK_BYTES);
    // Growing doubles, so that one lucky sample on a slow link costs little; shrinking is immediate.
    this.#chunks = Math.max(1, Math.min(fits, this.#chunks * 2, MAX_BLOB_CHUNKS));
    if (this.#chunks === 1 && fits < 1) this.#width = 1;
    else this.#width = Math.min(MAX_WIDTH, this.#width + 1);
  }

  /** A connection broke or timed out. */
  broke(): void {
    this.#chunks = Math.max(1, Math.floor(this.blobChunks / 2));
    this.#width = Math.max(1, this.#width - 1);
  }

  /** A blob of `chunks` chunks did not arrive for as long as anyone waited. */
  wasTooSlow(chunks: number): void {
    this.#chunks = Math.max(1, Math.floor(Math.min(this.blobChunks, chunks) / 2));
    this.#width = 1;
  }

  /** The server or a proxy refused a body of `chunks` chunks; false when one chunk is already too large. */
  refused(chunks: number): boolean {
    if (chunks <= 1) return false;
    this.#cap = Math.max(1, Math.floor(chunks / 2));
    return true;
  }
}

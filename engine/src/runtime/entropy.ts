// Randomness within a step (docs/host-api.md H-2). Rule: every byte comes from the step's 64 bytes, none is given twice.

import { asciiBytes } from "../bytes.ts";
import { expand, extractKey } from "../crypto/hash.ts";
import { invariant } from "../errors.ts";

/** A stream of bytes expanded from one step's entropy (HKDF-SHA-256, one info for each draw). */
export class Entropy {
  readonly #seed: Uint8Array;
  /** Made by the first draw: most steps draw nothing. */
  #key: Uint8Array | null = null;
  #draws = 0;

  constructor(seed: Uint8Array) {
    invariant(seed.length === 64, "a step needs 64 bytes of entropy");
    this.#seed = seed;
  }

  /** `length` bytes (at most 255 × 32) that no other draw gives. */
  draw(length: number): Uint8Array {
    this.#draws += 1;
    this.#key ??= extractKey(asciiBytes("coffre/1/entropy"), this.#seed);
    return expand(this.#key, asciiBytes(`draw/${this.#draws}`), length);
  }

  /** A number from 0 to just below `limit` (at most 2^48), close enough to even for jitter and for numbering. */
  below(limit: number): number {
    let value = 0;
    for (const byte of this.draw(6)) value = value * 256 + byte;
    return value % limit;
  }
}

// Pseudo-random numbers from a seed: the entropy of engines under test and the choice of faults.
// Rule: the same seed gives the same numbers on every machine; nothing here is fit for real keys.

/** sfc32: 128 bits of state, of which one word only counts (Doty-Humphrey, PractRand). */
export class SeededRandom {
  #a = 0;
  #b: number;
  #c: number;
  #counter = 1;

  /** Streams with different labels are independent of each other. */
  constructor(seed: number, label = "") {
    this.#b = seed >>> 0;
    this.#c = Math.floor(seed / 0x1_0000_0000) >>> 0;
    for (let i = 0; i < label.length; i++) this.#a = Math.imul(this.#a ^ label.charCodeAt(i), 0x0100_0193) >>> 0;
    // The first outputs still show the seed.
    for (let i = 0; i < 15; i++) this.uint32();
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit);
  }

  /** True with `probability` from 0 to 1. */
  chance(probability: number): boolean {
    return this.uint32() / 0x1_0000_0000 < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError("expected a list that is not empty");
    return list[this.below(list.length)] as T;
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.fill(bytes);
    return bytes;
  }

  /** Overwrites `bytes`, four for each number, the lowest first: as `uint32` does, with the state in locals. */
  fill(bytes: Uint8Array): void {
    let [a, b, c, counter] = [this.#a, this.#b, this.#c, this.#counter];
    for (let i = 0; i < bytes.length; i += 4) {
      const sum = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      // Writes behind the end of an array of bytes are ignored.
      bytes[i] = sum;
      bytes[i + 1] = sum >>> 8;
      bytes[i + 2] = sum >>> 16;
      bytes[i + 3] = sum >>> 24;
    }
    [this.#a, this.#b, this.#c, this.#counter] = [a >>> 0, b >>> 0, c >>> 0, counter >>> 0];
  }

  /** A stream of its own, so that drawing from one does not shift the other. */
  fork(label: string): SeededRandom {
    return new SeededRandom(this.uint32() * 0x10_0000 + (this.uint32() >>> 12), label);
  }
}

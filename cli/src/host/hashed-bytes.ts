// Chunks that were just read and hashed, kept for the upload that follows (docs/host-api.md H-22). Rule: it saves reading a
// file twice and changes no answer; memory is one ring whose oldest chunks make room for new ones.

/** A chunk that is still in the ring. The bytes are good until the next `reserve`. */
export interface HashedChunk {
  readonly bytes: Buffer;
  /** SHA-256 of the bytes. */
  readonly sha256: Buffer;
}

interface Held extends HashedChunk {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

const RING_BYTES = 16 * 1024 * 1024;

/** A ring of just-hashed chunks, found by slot and keyed digest. */
export class HashedBytes {
  readonly #ring: Buffer;
  readonly #held: Held[] = [];
  readonly #byKey = new Map<string, Held>();
  /** Where the oldest chunk stands in `#held`; what is before it was dropped. */
  #oldest = 0;
  #at = 0;

  constructor(ringBytes = RING_BYTES) {
    this.#ring = Buffer.allocUnsafeSlow(ringBytes);
  }

  /** Room for `length` bytes, or null when it is more than a quarter of the ring. Valid until the next `reserve`. */
  reserve(length: number): Buffer | null {
    if (length > this.#ring.length / 4) return null;
    if (this.#at + length > this.#ring.length) {
      this.#drop(this.#at, this.#ring.length);
      this.#at = 0;
    }
    this.#drop(this.#at, this.#at + length);
    return this.#ring.subarray(this.#at, this.#at + length);
  }

  /** Keeps what was read into the room reserved last, under the slot and digest that it has. */
  keep(slot: string, digest: string, bytes: Buffer, sha256: Buffer): void {
    const held = { key: `${slot} ${digest}`, bytes, sha256, start: this.#at, end: this.#at + bytes.length };
    this.#at = held.end;
    this.#held.push(held);
    this.#byKey.set(held.key, held);
  }

  /** The chunk with this digest under this slot, or null when it is not, or no longer, here. */
  find(slot: string, digest: string): HashedChunk | null {
    return this.#byKey.get(`${slot} ${digest}`) ?? null;
  }

  /** Drops the chunks of a slot whose key is no longer the one that they were hashed under. */
  forget(slot: string): void {
    for (const key of this.#byKey.keys()) if (key.startsWith(`${slot} `)) this.#byKey.delete(key);
  }

  /** Drops chunks that lie between `from` and `to`: always the oldest ones. */
  #drop(from: number, to: number): void {
    for (;;) {
      const held = this.#held[this.#oldest];
      if (held === undefined || held.end <= from || held.start >= to) break;
      this.#oldest++;
      if (this.#byKey.get(held.key) === held) this.#byKey.delete(held.key);
    }
    if (this.#oldest > 4_096 && this.#oldest * 2 > this.#held.length) {
      this.#held.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }
}

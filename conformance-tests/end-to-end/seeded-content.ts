// Content that never repeats and is the same on every machine. Rule: a seed and a length say every byte, so that nothing
// needs to be kept to compare with.

import { createCipheriv, createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";

const PIECE_BYTES = 1_048_576;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** The stream of `seed`: AES-128 in counter mode over zeros, which no two chunks share. */
export class SeededStream {
  readonly #cipher: ReturnType<typeof createCipheriv>;

  constructor(seed: string) {
    this.#cipher = createCipheriv(
      "aes-128-ctr",
      createHash("sha256").update(seed).digest().subarray(0, 16),
      Buffer.alloc(16),
    );
  }

  /** The next `length` bytes. */
  next(length: number): Buffer {
    return this.#cipher.update(length <= PIECE_BYTES ? ZEROS.subarray(0, length) : Buffer.alloc(length));
  }
}

/** The first `length` bytes of the stream of `seed`. */
export function seededBytes(seed: string, length: number): Buffer {
  return new SeededStream(seed).next(length);
}

/** Writes `sizeBytes` of the stream of `seed` to a new file, or behind what the file holds. */
export function writeSeededFile(path: string | Buffer, seed: string, sizeBytes: number, flags: "w" | "a" = "w"): void {
  const stream = new SeededStream(seed);
  const file = openSync(path, flags);
  try {
    for (let left = sizeBytes; left > 0; ) {
      const piece = stream.next(Math.min(left, PIECE_BYTES));
      for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done);
      left -= piece.length;
    }
  } finally {
    closeSync(file);
  }
}

/** Whole numbers from a seed. */
export class SeededNumbers {
  readonly #stream: SeededStream;

  constructor(seed: string) {
    this.#stream = new SeededStream(`numbers ${seed}`);
  }

  /** A number from 0 up to, not including, `limit` (at most 2^32). */
  below(limit: number): number {
    return Math.floor((this.#stream.next(4).readUInt32BE() / 2 ** 32) * limit);
  }
}

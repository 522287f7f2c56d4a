// What files of the tree hold: bytes, or a rule that makes them, so that a file of gigabytes costs nothing.
// Rule: content never changes; who writes into a file puts other content in its place.

import { SeededRandom } from "./seeded-random.ts";

const BLOCK_BYTES = 65_536;

/** `read` gives exactly the bytes from `offset`, `length` of them, or as many as there are. */
export interface FileContent {
  readonly sizeBytes: number;
  read(offset: number, length: number): Uint8Array;
}

/** Content that is held as it is. */
export function literalContent(bytes: Uint8Array | string): FileContent {
  const held = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
  return {
    sizeBytes: held.length,
    read: (offset, length) => held.subarray(offset, offset + length),
  };
}

/** `sizeBytes` bytes that never repeat, made from `seed` when they are read. */
export function seededContent(seed: number, sizeBytes: number): FileContent {
  return {
    sizeBytes,
    read: (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
      for (let to = 0; to < bytes.length; ) {
        const block = Math.floor((offset + to) / BLOCK_BYTES);
        const skip = offset + to - block * BLOCK_BYTES;
        const made = new SeededRandom(seed * 0x100_0000 + block).bytes(Math.min(BLOCK_BYTES, skip + bytes.length - to));
        bytes.set(made.subarray(skip), to);
        to += made.length - skip;
      }
      return bytes;
    },
  };
}

/** `sizeBytes` zeros: what a sparse file reads as. */
export function zeroContent(sizeBytes: number): FileContent {
  return {
    sizeBytes,
    read: (offset, length) => new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset))),
  };
}

/** `content` with `bytes` at `offset`; a gap between them reads as zeros. */
export function writtenContent(content: FileContent, offset: number, bytes: Uint8Array): FileContent {
  const sizeBytes = Math.max(content.sizeBytes, offset + bytes.length);
  if (content instanceof GrowingContent && content.accept(offset, bytes)) return content.sized(sizeBytes);
  // Twice the size, so that a file written from front to back is copied a few times only.
  const buffer = new Uint8Array(Math.max(64, 2 * sizeBytes));
  buffer.set(content.read(0, content.sizeBytes), 0);
  buffer.set(bytes, offset);
  return new GrowingContent(buffer, sizeBytes);
}

/** `content` cut or filled with zeros to `sizeBytes`. */
export function resizedContent(content: FileContent, sizeBytes: number): FileContent {
  if (content.sizeBytes === sizeBytes) return content;
  if (content.sizeBytes > sizeBytes) return literalContent(content.read(0, sizeBytes));
  return writtenContent(content, sizeBytes, new Uint8Array(0));
}

/** Writes at the end share one buffer, which only ever gains bytes behind those that someone else can see. */
class GrowingContent implements FileContent {
  readonly sizeBytes: number;
  readonly #buffer: Uint8Array;
  /** How much of the buffer is taken, by this content or by one that grew out of it. */
  readonly #taken: { bytes: number };

  constructor(buffer: Uint8Array, sizeBytes: number, taken = { bytes: sizeBytes }) {
    this.#buffer = buffer;
    this.sizeBytes = sizeBytes;
    this.#taken = taken;
  }

  /** Whether the bytes could be put behind what is taken, and now are. */
  accept(offset: number, bytes: Uint8Array): boolean {
    const end = offset + bytes.length;
    if (offset < this.#taken.bytes || this.#taken.bytes !== this.sizeBytes || end > this.#buffer.length) return false;
    this.#buffer.set(bytes, offset);
    this.#taken.bytes = end;
    return true;
  }

  sized(sizeBytes: number): GrowingContent {
    return new GrowingContent(this.#buffer, sizeBytes, this.#taken);
  }

  read(offset: number, length: number): Uint8Array {
    return this.#buffer.subarray(offset, Math.max(offset, Math.min(offset + length, this.sizeBytes)));
  }
}

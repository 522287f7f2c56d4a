// Reading CBOR that is cut or altered, as far as it goes. Rule: for damaged objects alone, and nothing that comes out is
// believed without a signature.

import type { Item } from "./cbor.ts";

const MAX_DEPTH = 8;
const UNSIGNED = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const NULL = 0xf6;

/** The items of the array at the front of `bytes`, those before the first that cannot be read; a string may be cut. */
export function readLeniently(bytes: Uint8Array): Item[] {
  const item = new LenientReader(bytes).readItem(1);
  return Array.isArray(item) ? item : [];
}

class LenientReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Undefined where nothing can be read any more. */
  readItem(depth: number): Item | undefined {
    const head = this.#bytes[this.#at];
    if (head === undefined || depth > MAX_DEPTH) return undefined;
    this.#at += 1;
    if (head === NULL) return null;
    const argument = this.#readArgument(head & 0x1f);
    if (argument === undefined) return undefined;
    switch (head >> 5) {
      case UNSIGNED:
        return argument;
      case BYTES:
        return this.#take(argument);
      case TEXT:
        return Buffer.from(this.#take(argument)).toString("latin1");
      case ARRAY:
        return this.#readItems(argument, depth);
      default:
        return undefined;
    }
  }

  #readItems(count: number, depth: number): Item[] {
    const items: Item[] = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.readItem(depth + 1);
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  }

  /** RFC 8949 §3: the value in the head's low bits, or in the 1, 2, 4 or 8 bytes behind it. */
  #readArgument(low: number): number | undefined {
    if (low < 24) return low;
    if (low > 27) return undefined;
    const sizeBytes = 2 ** (low - 24);
    const part = this.#take(sizeBytes);
    if (part.length < sizeBytes) return undefined;
    let value = 0;
    for (const byte of part) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }

  #take(sizeBytes: number): Uint8Array {
    const part = this.#bytes.subarray(this.#at, this.#at + sizeBytes);
    this.#at += part.length;
    return part;
  }
}

// The CBOR of docs/format.md 1. Rule: what is made here is deterministic, and what is read is encoded again and compared.

import { decode, encode } from "cborg";

/** What the format's subset can say. */
export type Item = number | string | Uint8Array | null | readonly Item[];

/** Encodes an item deterministically (RFC 8949 §4.2.1). */
export function encodeItem(item: Item): Uint8Array {
  return new Uint8Array(encode(item));
}

/** Decodes one item; null when the bytes are not exactly one deterministic item of the subset. */
export function decodeItem(bytes: Uint8Array): Item | null {
  try {
    const item = decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false, allowBigInt: false });
    return isItem(item) && Buffer.compare(encode(item), bytes) === 0 ? item : null;
  } catch {
    return null;
  }
}

function isItem(value: unknown): value is Item {
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return true;
  if (typeof value === "number") return Number.isSafeInteger(value);
  return Array.isArray(value) && value.every(isItem);
}

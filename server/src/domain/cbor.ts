// The CBOR subset of docs/format.md 1 (F-1 to F-3). Rule: what is not the one deterministic encoding is refused, by
// encoding the decoded item again and comparing the bytes.

import { type DecodeOptions, decodeFirst, encode } from "cborg";
import { malformed } from "./refusal.ts";

/** What the subset can say. */
export type Item = number | string | Uint8Array | null | Item[];

/** F-2: deeper nesting is refused. */
const MAX_DEPTH = 8;

const OPTIONS: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
};

/** Decodes one item and refuses bytes behind it; Refusal `malformed` otherwise. */
export function decodeItem(bytes: Uint8Array): Item {
  const { item, sizeBytes } = decodePrefix(bytes);
  if (sizeBytes !== bytes.length) throw malformed("there are bytes behind the CBOR item");
  return item;
}

/** Decodes the item at the front of `bytes` and says how long it is; Refusal `malformed` otherwise. */
export function decodePrefix(bytes: Uint8Array): { item: Item; sizeBytes: number } {
  let decoded: unknown;
  let sizeBytes: number;
  try {
    const [item, rest] = decodeFirst(bytes, OPTIONS);
    decoded = item;
    sizeBytes = bytes.length - rest.length;
  } catch {
    throw malformed("the bytes are not CBOR of the subset");
  }
  const item = narrowItem(decoded, 1);
  const again = encodeItem(item);
  if (Buffer.compare(again, bytes.subarray(0, sizeBytes)) !== 0) throw malformed("the CBOR is not deterministic");
  return { item, sizeBytes };
}

/** Encodes an item deterministically. */
export function encodeItem(item: Item): Uint8Array {
  return encode(item);
}

/** The array's items; Refusal `malformed` for another type or count. */
export function readFields(item: Item | undefined, count: number): Item[] {
  const items = readList(item, count, count);
  return items;
}

/** The array's items, `min` to `max` of them; Refusal `malformed` otherwise. */
export function readList(item: Item | undefined, min: number, max: number): Item[] {
  if (!Array.isArray(item)) throw malformed("expected an array");
  if (item.length < min || item.length > max) {
    throw malformed(`expected ${min === max ? min : `${min} to ${max}`} fields, found ${item.length}`);
  }
  return item;
}

/** The integer; Refusal `malformed` when it is none or out of range. */
export function readInteger(item: Item | undefined, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof item !== "number" || item < min || item > max)
    throw malformed(`expected an integer from ${min} to ${max}`);
  return item;
}

/** The byte string of exactly `sizeBytes`; Refusal `malformed` otherwise. */
export function readBytes(item: Item | undefined, sizeBytes: number): Uint8Array {
  if (!(item instanceof Uint8Array) || item.length !== sizeBytes) throw malformed(`expected ${sizeBytes} bytes`);
  return item;
}

/** The byte string of any length; Refusal `malformed` for another type. */
export function readAnyBytes(item: Item | undefined): Uint8Array {
  if (!(item instanceof Uint8Array)) throw malformed("expected a byte string");
  return item;
}

/** The text; Refusal `malformed` for another type. */
export function readText(item: Item | undefined): string {
  if (typeof item !== "string") throw malformed("expected text");
  return item;
}

function narrowItem(value: unknown, depth: number): Item {
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
  if (!Array.isArray(value) || depth > MAX_DEPTH) throw malformed("the CBOR is outside the subset");
  for (const inner of value) narrowItem(inner, depth + 1);
  return value;
}

// Typed readers for the fields of decoded structures (docs/format.md F-3). Rule: every field of every structure passes
// through here, so none is used before its type, length and range were checked. All refuse with `peer-malformed`.

import { toHex } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import type { Digest } from "../ids.ts";
import { ID_BYTES } from "../ids.ts";
import { utf8Length } from "../utf8.ts";
import type { CborValue } from "./cbor.ts";

/** The first field of every structure of this version. */
export const FORMAT_VERSION = 1;

const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** An array of exactly `length` items. */
export function readArray(value: CborValue | undefined, length: number): readonly CborValue[] {
  return readItems(value, length, length);
}

/** An array of `min` to `max` items. */
export function readItems(value: CborValue | undefined, min: number, max: number): readonly CborValue[] {
  if (!Array.isArray(value)) throw malformed("an array");
  if (value.length < min || value.length > max) throw malformed(`${min} to ${max} items, got ${value.length}`);
  return value as readonly CborValue[];
}

/** The fields of a structure of version 1: an array of `length` items that begins with 1. */
export function readStructure(value: CborValue, length: number): readonly CborValue[] {
  const fields = readArray(value, length);
  if (fields[0] !== FORMAT_VERSION) throw malformed("format version 1");
  return fields;
}

/** Bytes of exactly `length`; a view of what was decoded. */
export function readBytes(value: CborValue | undefined, length: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed("bytes");
  if (value.length !== length) throw malformed(`${length} bytes, got ${value.length}`);
  return value;
}

/** Bytes of any length. */
export function readAnyBytes(value: CborValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed("bytes");
  return value;
}

/** 32 bytes as a hexadecimal id; the caller says of what. */
export function readId<T extends Digest = Digest>(value: CborValue | undefined): T {
  return toHex(readBytes(value, ID_BYTES)) as T;
}

/** An integer from `min` to `max`, both allowed. */
export function readInteger(value: CborValue | undefined, min: number, max: number = MAX_INTEGER): number {
  if (typeof value !== "number") throw malformed("an integer");
  if (value < min || value > max) throw malformed(`an integer from ${min} to ${max}`);
  return value;
}

/** A text whose UTF-8 has `minBytes` to `maxBytes`. */
export function readText(value: CborValue | undefined, minBytes: number, maxBytes: number): string {
  if (typeof value !== "string") throw malformed("text");
  const length = utf8Length(value);
  if (length < minBytes || length > maxBytes)
    throw malformed(`${minBytes} to ${maxBytes} bytes of text, got ${length}`);
  return value;
}

/** `min` to `max` ids in strictly ascending order. */
export function readAscendingIds<T extends Digest>(value: CborValue | undefined, min: number, max: number): T[] {
  const ids = readItems(value, min, max).map((item) => readId<T>(item));
  if (!isAscending(ids)) throw malformed("ids in strictly ascending order");
  return ids;
}

/** Whether each id is above the one before it; hexadecimal orders as the bytes do. */
export function isAscending(ids: readonly Digest[]): boolean {
  for (let i = 1; i < ids.length; i++) {
    if ((ids[i - 1] as Digest) >= (ids[i] as Digest)) return false;
  }
  return true;
}

/** The refusal of all decoders; `expected` says what would have been right and repeats nothing of what came. */
export function malformed(expected: string): CoffreError {
  return new CoffreError("peer-malformed", `expected ${expected}`);
}

// The subset of deterministic CBOR that the format uses (docs/format.md F-1 and F-2; RFC 8949 §4.2.1). Rule: each value
// has one encoding, and the decoder accepts that one only.
//
// Major types: 0 unsigned and 1 negative integers within ±(2^53 − 1), 2 bytes, 3 UTF-8 text, 4 arrays, and the simple
// value null. Every head is in its shortest form. The decoder makes nothing larger than its input but for the arrays'
// own slots, of which each costs at least one byte of input.

import { CoffreError, invariant } from "../errors.ts";
import { readUtf8, utf8Length, writeUtf8 } from "../utf8.ts";

/** What the subset can say. Bytes that the decoder gives are views of its input. */
export type CborValue = number | string | Uint8Array | null | readonly CborValue[];

/** How many arrays may stand within one another. */
export const MAX_DEPTH = 8;

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const NULL_BYTE = 0xf6;
const TWO_32 = 2 ** 32;
const FIRST_CAPACITY_BYTES = 256;

interface Writer {
  bytes: Uint8Array;
  length: number;
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset: number;
}

/** The encoding of `value`. An InvariantError for what the subset cannot say. */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer: Writer = { bytes: new Uint8Array(FIRST_CAPACITY_BYTES), length: 0 };
  writeValue(writer, value, 0);
  return writer.bytes.slice(0, writer.length);
}

/** What stands before the items of an array of `count`, for a caller that already has the items encoded. */
export function encodeArrayHead(count: number): Uint8Array {
  invariant(Number.isSafeInteger(count) && count >= 0, "an array has a whole number of items");
  const writer: Writer = { bytes: new Uint8Array(9), length: 0 };
  writeHead(writer, ARRAY, count);
  return writer.bytes.slice(0, writer.length);
}

/** The one item that `bytes` hold, and nothing behind it; `peer-malformed` for anything else. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const { value, endOffset } = decodeCborPrefix(bytes);
  if (endOffset !== bytes.length) throw malformed("nothing behind the item");
  return value;
}

/** The item at the beginning of `bytes`, and the offset behind it; `peer-malformed` when there is none. */
export function decodeCborPrefix(bytes: Uint8Array): { value: CborValue; endOffset: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader: Reader = { bytes, view, offset: 0 };
  const value = readValue(reader, 0);
  return { value, endOffset: reader.offset };
}

function writeValue(writer: Writer, value: CborValue, depth: number): void {
  if (typeof value === "number") {
    invariant(Number.isSafeInteger(value), "only integers within 2^53 - 1 can be encoded");
    if (value >= 0) writeHead(writer, UNSIGNED, value);
    else writeHead(writer, NEGATIVE, -1 - value);
  } else if (typeof value === "string") {
    writeText(writer, value);
  } else if (value === null) {
    reserve(writer, 1);
    writer.bytes[writer.length++] = NULL_BYTE;
  } else if (value instanceof Uint8Array) {
    writeHead(writer, BYTES, value.length);
    reserve(writer, value.length);
    writer.bytes.set(value, writer.length);
    writer.length += value.length;
  } else {
    invariant(Array.isArray(value), "the subset has integers, texts, bytes, arrays and null");
    invariant(depth < MAX_DEPTH, "arrays stand at most eight deep");
    writeHead(writer, ARRAY, value.length);
    for (const item of value) writeValue(writer, item, depth + 1);
  }
}

function writeText(writer: Writer, text: string): void {
  const length = utf8Length(text);
  invariant(length >= 0, "text must hold no lone surrogates");
  writeHead(writer, TEXT, length);
  reserve(writer, length);
  writer.length = writeUtf8(text, writer.bytes, writer.length);
}

function writeHead(writer: Writer, major: number, argument: number): void {
  reserve(writer, 9);
  const bytes = writer.bytes;
  let to = writer.length;
  const type = major << 5;
  if (argument < 24) {
    bytes[to++] = type | argument;
  } else if (argument < 0x100) {
    bytes[to++] = type | 24;
    bytes[to++] = argument;
  } else if (argument < 0x10000) {
    bytes[to++] = type | 25;
    bytes[to++] = argument >> 8;
    bytes[to++] = argument;
  } else if (argument < TWO_32) {
    bytes[to++] = type | 26;
    to = writeWord(bytes, to, argument);
  } else {
    bytes[to++] = type | 27;
    to = writeWord(bytes, to, Math.floor(argument / TWO_32));
    to = writeWord(bytes, to, argument % TWO_32);
  }
  writer.length = to;
}

function writeWord(bytes: Uint8Array, offset: number, word: number): number {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
  return offset + 4;
}

function reserve(writer: Writer, more: number): void {
  const needed = writer.length + more;
  if (needed <= writer.bytes.length) return;
  const larger = new Uint8Array(Math.max(needed, 2 * writer.bytes.length));
  larger.set(writer.bytes.subarray(0, writer.length));
  writer.bytes = larger;
}

function readValue(reader: Reader, depth: number): CborValue {
  const first = readByte(reader);
  if (first === NULL_BYTE) return null;
  const argument = readArgument(reader, first & 31);
  switch (first >> 5) {
    case UNSIGNED:
      return argument;
    case NEGATIVE:
      if (argument === Number.MAX_SAFE_INTEGER) throw malformed("an integer within 2^53 - 1");
      return -1 - argument;
    case BYTES: {
      const start = take(reader, argument);
      return new Uint8Array(reader.bytes.buffer, reader.bytes.byteOffset + start, argument);
    }
    case TEXT: {
      const start = take(reader, argument);
      const text = readUtf8(reader.bytes, start, reader.offset);
      if (text === null) throw malformed("text of valid UTF-8");
      return text;
    }
    case ARRAY:
      return readItems(reader, argument, depth);
  }
  throw malformed("an integer, bytes, text, an array or null");
}

function readItems(reader: Reader, count: number, depth: number): CborValue[] {
  if (depth >= MAX_DEPTH) throw malformed("arrays at most eight deep");
  if (count > reader.bytes.length - reader.offset) throw malformed("as many items as the array announces");
  const items: CborValue[] = [];
  for (let i = 0; i < count; i++) items.push(readValue(reader, depth + 1));
  return items;
}

/** The number in a head, refused when a shorter head could have said it. */
function readArgument(reader: Reader, information: number): number {
  if (information < 24) return information;
  let argument: number;
  let least: number;
  if (information === 24) {
    argument = readByte(reader);
    least = 24;
  } else if (information === 25) {
    argument = reader.view.getUint16(take(reader, 2));
    least = 0x100;
  } else if (information === 26) {
    argument = reader.view.getUint32(take(reader, 4));
    least = 0x10000;
  } else if (information === 27) {
    const start = take(reader, 8);
    argument = reader.view.getUint32(start) * TWO_32 + reader.view.getUint32(start + 4);
    least = TWO_32;
  } else {
    throw malformed("a definite length");
  }
  if (argument < least) throw malformed("the shortest form");
  if (argument > Number.MAX_SAFE_INTEGER) throw malformed("an integer within 2^53 - 1");
  return argument;
}

function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.offset];
  if (byte === undefined) throw malformed("more bytes");
  reader.offset++;
  return byte;
}

/** Moves past `length` bytes and returns where they begin. */
function take(reader: Reader, length: number): number {
  const start = reader.offset;
  if (length > reader.bytes.length - start) throw malformed("more bytes");
  reader.offset = start + length;
  return start;
}

function malformed(expected: string): CoffreError {
  return new CoffreError("peer-malformed", `not deterministic CBOR of the subset: expected ${expected}`);
}

// Byte strings and their texts: hexadecimal, base64, ASCII and UTF-8. Rule: every text has exactly one form that is
// read, and nothing here needs more of the platform than typed arrays.

import { CoffreError, invariant } from "./errors.ts";
import { readUtf8, textOfCodes, utf8Length, writeUtf8 } from "./utf8.ts";

const HEX_PAIRS: readonly string[] = makeHexPairs();
const HEX_DIGITS = "0123456789abcdef";
const BASE64_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_CODES: Uint8Array = makeCodes(BASE64_ALPHABET);
const BASE64_VALUES: Uint8Array = makeValues(BASE64_ALPHABET);
const HEX_VALUES: Uint8Array = makeValues(HEX_DIGITS);

/** What the value tables hold for a character outside the alphabet: a bit that no digit has. */
const NO_DIGIT = 0x80;
const PADDING_CODE = 0x3d;

/** The parts, one behind the other, in a new array. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Whether both hold the same bytes; the time depends on the lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Below 0, 0 or above 0, in the order of unsigned bytes; a prefix comes first. Not constant in time. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether every byte is 0; true for no bytes. */
export function isZeros(bytes: Uint8Array): boolean {
  let seen = 0;
  for (const byte of bytes) seen |= byte;
  return seen === 0;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX_PAIRS[bytes[i] as number];
  return text;
}

/** The bytes of lower-case hexadecimal; `peer-malformed` for any other text. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  let wrong = text.length & 1;
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf(HEX_VALUES, text.charCodeAt(2 * i));
    const low = digitOf(HEX_VALUES, text.charCodeAt(2 * i + 1));
    wrong |= (high | low) & NO_DIGIT;
    bytes[i] = (high << 4) | low;
  }
  if (wrong !== 0) throw new CoffreError("peer-malformed", "expected lower-case hexadecimal of even length");
  return bytes;
}

/** Base64 with padding, alphabet `+/` (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  const whole = bytes.length - (bytes.length % 3);
  let to = 0;
  for (let i = 0; i < whole; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    codes[to++] = BASE64_CODES[group >> 18] as number;
    codes[to++] = BASE64_CODES[(group >> 12) & 63] as number;
    codes[to++] = BASE64_CODES[(group >> 6) & 63] as number;
    codes[to++] = BASE64_CODES[group & 63] as number;
  }
  if (whole < bytes.length) {
    const two = bytes.length - whole === 2;
    const group = ((bytes[whole] as number) << 16) | ((two ? (bytes[whole + 1] as number) : 0) << 8);
    codes[to++] = BASE64_CODES[group >> 18] as number;
    codes[to++] = BASE64_CODES[(group >> 12) & 63] as number;
    codes[to++] = two ? (BASE64_CODES[(group >> 6) & 63] as number) : PADDING_CODE;
    codes[to++] = PADDING_CODE;
  }
  return textOfCodes(codes);
}

/**
 * The bytes of base64 as `toBase64` writes it. Throws `peer-malformed` for white space, another alphabet, absent or
 * excessive padding, and bits set behind the last byte (RFC 4648 §3.5).
 */
export function fromBase64(text: string): Uint8Array {
  const length = text.length;
  let padding = 0;
  if (length > 0 && text.charCodeAt(length - 1) === PADDING_CODE) {
    padding = text.charCodeAt(length - 2) === PADDING_CODE ? 2 : 1;
  }
  const digits = length - padding;
  const bytes = new Uint8Array(Math.max(0, (length >> 2) * 3 - padding));
  let wrong = length & 3;
  let to = 0;
  for (let from = 0; from < digits; from += 4) {
    const a = digitOf(BASE64_VALUES, text.charCodeAt(from));
    const b = digitOf(BASE64_VALUES, text.charCodeAt(from + 1));
    const c = from + 2 < digits ? digitOf(BASE64_VALUES, text.charCodeAt(from + 2)) : 0;
    const d = from + 3 < digits ? digitOf(BASE64_VALUES, text.charCodeAt(from + 3)) : 0;
    wrong |= (a | b | c | d) & NO_DIGIT;
    const group = (a << 18) | (b << 12) | (c << 6) | d;
    if (to < bytes.length) bytes[to++] = (group >> 16) & 255;
    else wrong |= group & 0xff0000;
    if (to < bytes.length) bytes[to++] = (group >> 8) & 255;
    else wrong |= group & 0xff00;
    if (to < bytes.length) bytes[to++] = group & 255;
    else wrong |= group & 0xff;
  }
  if (wrong !== 0) throw new CoffreError("peer-malformed", "expected canonical base64 with padding");
  return bytes;
}

/** The bytes of a text that holds nothing but ASCII; an InvariantError for any other. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let seen = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    bytes[i] = code;
  }
  invariant(seen < 0x80, "expected ASCII text");
  return bytes;
}

/** The UTF-8 of a text; an InvariantError for a lone surrogate. */
export function utf8Encode(text: string): Uint8Array {
  const length = utf8Length(text);
  invariant(length >= 0, "expected text without lone surrogates");
  const bytes = new Uint8Array(length);
  writeUtf8(text, bytes, 0);
  return bytes;
}

/** The text of valid UTF-8, or null. */
export function utf8Decode(bytes: Uint8Array): string | null {
  return readUtf8(bytes, 0, bytes.length);
}

function digitOf(values: Uint8Array, code: number): number {
  // NaN, which charCodeAt gives behind the end, fails this comparison too.
  return code < 128 ? (values[code] as number) : 0x80;
}

function makeHexPairs(): string[] {
  const pairs: string[] = [];
  for (let byte = 0; byte < 256; byte++) pairs.push((byte < 16 ? "0" : "") + byte.toString(16));
  return pairs;
}

function makeCodes(alphabet: string): Uint8Array {
  const codes = new Uint8Array(alphabet.length);
  for (let i = 0; i < alphabet.length; i++) codes[i] = alphabet.charCodeAt(i);
  return codes;
}

function makeValues(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(0x80);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}

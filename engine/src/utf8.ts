// UTF-8, since the script engines of phones have no TextEncoder. Rule: strict both ways (RFC 3629 §3): no overlong form,
// no surrogate, nothing above U+10FFFF. Code reads and writes whole texts through `bytes.ts`; only CBOR works in place.

/** How many characters one `String.fromCharCode` gets: below every engine's limit of arguments. */
const CODES_PER_CALL = 4_096;

/** Texts up to this length are joined one character at a time: cheaper there than a buffer. */
const SHORT_BYTES = 48;

/** How many bytes the text's UTF-8 has, or -1 when the text holds a lone surrogate. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    length += code < 0x800 ? 1 : 2;
    if (code < 0xd800 || code > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1;
    // Two code units make four bytes: the first counted three, the second counts one.
    i++;
  }
  return length;
}

/** Writes a text without lone surrogates into `bytes` from `offset` on; returns the offset behind it. */
export function writeUtf8(text: string, bytes: Uint8Array, offset: number): number {
  let to = offset;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes[to++] = code;
    } else if (code < 0x800) {
      bytes[to++] = 0xc0 | (code >> 6);
      bytes[to++] = 0x80 | (code & 63);
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes[to++] = 0xe0 | (code >> 12);
      bytes[to++] = 0x80 | ((code >> 6) & 63);
      bytes[to++] = 0x80 | (code & 63);
    } else {
      const point = 0x10000 + ((code & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = 0x80 | ((point >> 12) & 63);
      bytes[to++] = 0x80 | ((point >> 6) & 63);
      bytes[to++] = 0x80 | (point & 63);
    }
  }
  return to;
}

/** The text of `bytes` from `start` up to `end`, or null when they are not valid UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > SHORT_BYTES) return readLong(bytes, start, end);
  let text = "";
  for (let i = start; i < end; ) {
    const first = bytes[i] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      i++;
      continue;
    }
    const point = readPoint(bytes, i, end);
    if (point < 0) return null;
    i += pointLength(point);
    text += String.fromCodePoint(point);
  }
  return text;
}

/** The text whose UTF-16 code units are `codes`. */
export function textOfCodes(codes: Uint8Array | Uint16Array): string {
  let text = "";
  for (let i = 0; i < codes.length; i += CODES_PER_CALL) {
    text += String.fromCharCode.apply(null, codes.subarray(i, i + CODES_PER_CALL) as unknown as number[]);
  }
  return text;
}

function readLong(bytes: Uint8Array, start: number, end: number): string | null {
  const codes = new Uint16Array(end - start);
  let to = 0;
  for (let i = start; i < end; ) {
    const first = bytes[i] as number;
    if (first < 0x80) {
      codes[to++] = first;
      i++;
      continue;
    }
    const point = readPoint(bytes, i, end);
    if (point < 0) return null;
    i += pointLength(point);
    if (point < 0x10000) {
      codes[to++] = point;
    } else {
      codes[to++] = 0xd7c0 + (point >> 10);
      codes[to++] = 0xdc00 | (point & 0x3ff);
    }
  }
  return textOfCodes(codes.subarray(0, to));
}

function pointLength(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

/** The code point at `offset`, whose first byte is above 0x7f; -1 when it is not well formed (RFC 3629 §4). */
function readPoint(bytes: Uint8Array, offset: number, end: number): number {
  const first = bytes[offset] as number;
  if (first < 0xc2 || first > 0xf4) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (offset + length > end) return -1;
  let point = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bytes[offset + i] as number;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 63);
  }
  if (pointLength(point) !== length) return -1;
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return -1;
  return point;
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asciiBytes,
  compareBytes,
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  isZeros,
  toBase64,
  toHex,
  utf8Decode,
  utf8Encode,
} from "../src/bytes.ts";
import { CoffreError, InvariantError } from "../src/errors.ts";

const anyBytes = (maxLength = 300): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const anyText = fc.string({ unit: "grapheme-composite", maxLength: 80 });

describe("hexadecimal", () => {
  test("is what Node writes, and is read back", () => {
    fc.assert(
      fc.property(anyBytes(), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each(["0", "0g", "AB", "0x", " 00", "00 ", "é0", "00\n"])("%j is refused", (text) => {
    expect(() => fromHex(text)).toThrow(CoffreError);
  });
});

describe("base64", () => {
  test("is what Node writes, and is read back", () => {
    fc.assert(
      fc.property(anyBytes(), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each([0, 1, 2, 3, 4, 5, 3_071, 3_072, 3_073, 262_143, 262_144, 300_000])("%i bytes come back", (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 31);
    expect(equalBytes(fromBase64(toBase64(bytes)), bytes)).toBe(true);
  });

  test.each([
    "A",
    "AA",
    "AAA",
    "AA=",
    "A===",
    "====",
    "=",
    "AAAA=",
    "AB==",
    "AAB=",
    "AA A",
    "AA==\n",
    "AA-_",
    "AA==AA==",
  ])("%j is refused", (text) => {
    expect(() => fromBase64(text)).toThrow(CoffreError);
  });

  test("whatever is read has no other text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ABab01+/=- é"), maxLength: 12 }), (text) => {
        let bytes: Uint8Array | null = null;
        try {
          bytes = fromBase64(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CoffreError);
        }
        if (bytes !== null) expect(toBase64(bytes)).toBe(text);
      }),
    );
  });
});

describe("UTF-8", () => {
  test("is what Node writes, and is read back", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Encode(text)).toEqual(new Uint8Array(Buffer.from(text)));
        expect(utf8Decode(utf8Encode(text))).toBe(text);
      }),
    );
  });

  test("bytes are valid exactly when a strict TextDecoder says so", () => {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const nearText = fc.oneof(
      anyBytes(6),
      fc
        .array(fc.constantFrom(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x90))
        .map((b) => Uint8Array.from(b)),
    );
    fc.assert(
      fc.property(nearText, (bytes) => {
        let expected: string | null = null;
        try {
          expected = strict.decode(bytes);
        } catch {
          expected = null;
        }
        expect(utf8Decode(bytes)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([47, 48, 49, 4_095, 4_096, 4_097])("texts of %i characters come back", (length) => {
    for (const unit of ["a", "é", "水"]) expect(utf8Decode(utf8Encode(unit.repeat(length)))).toBe(unit.repeat(length));
  });

  test.each(["\ud800", "\udc00", "a\ud83d", "\ude00\ud83d"])("a lone surrogate is our own fault", (text) => {
    expect(() => utf8Encode(text)).toThrow(InvariantError);
  });
});

describe("byte strings", () => {
  test("are joined, compared and told apart", () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
    expect(isZeros(new Uint8Array(0))).toBe(true);
    expect(isZeros(Uint8Array.of(0, 0, 1))).toBe(false);
  });

  test("have the order of Node's Buffer", () => {
    fc.assert(
      fc.property(anyBytes(4), anyBytes(4), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
      }),
    );
  });

  test("come from ASCII only", () => {
    expect(asciiBytes("a\0~")).toEqual(Uint8Array.of(97, 0, 126));
    expect(() => asciiBytes("é")).toThrow(InvariantError);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoffreError, InvariantError } from "../../src/errors.ts";
import { type CborValue, decodeCbor, decodeCborPrefix, encodeArrayHead, encodeCbor } from "../../src/format/cbor.ts";

const MAX = Number.MAX_SAFE_INTEGER;

const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 7, withCrossShrink: true },
    fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n)),
    fc.string({ unit: "grapheme-composite" }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 5 }),
  ),
}));

function nest(depth: number): CborValue {
  return depth === 0 ? 0 : [nest(depth - 1)];
}

describe("the subset (F-1, F-2)", () => {
  test("comes back as it went in", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeCbor(encodeCbor(value))).toEqual(value);
      }),
    );
  });

  test("has one encoding: whatever is accepted is encoded to the same bytes", () => {
    const mutated = fc.tuple(anyValue, fc.nat(), fc.nat(255)).map(([value, place, byte]) => {
      const bytes = encodeCbor(value);
      bytes[place % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 12 }), mutated), (bytes) => {
        let value: CborValue;
        try {
          value = decodeCbor(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CoffreError);
          return;
        }
        expect(encodeCbor(value)).toEqual(bytes);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, MAX - 1, MAX])(
    "holds %i and its negative",
    (n) => {
      expect(decodeCbor(encodeCbor(n))).toBe(n);
      expect(decodeCbor(encodeCbor(-n - (n < MAX ? 1 : 0)))).toBe(-n - (n < MAX ? 1 : 0));
    },
  );

  test.each([0, 1, 23, 24, 25, 255, 256, 257, 65_535, 65_536])(
    "holds bytes, text and arrays of length %i",
    (length) => {
      for (const value of [new Uint8Array(length), "a".repeat(length), Array<number>(length).fill(0)]) {
        expect(decodeCbor(encodeCbor(value))).toEqual(value);
      }
      expect(encodeArrayHead(length)).toEqual(
        encodeCbor(Array<number>(length).fill(0)).subarray(0, -length || undefined),
      );
    },
  );

  test("is eight arrays deep, not nine", () => {
    expect(decodeCbor(encodeCbor(nest(8)))).toEqual(nest(8));
    expect(() => encodeCbor(nest(9))).toThrow(InvariantError);
    expect(() => decodeCbor(new Uint8Array(100_000).fill(0x81))).toThrow(CoffreError);
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, MAX + 1, "\ud800"])("cannot say %s", (value) => {
    expect(() => encodeCbor(value)).toThrow(InvariantError);
  });
});

describe("a prefix", () => {
  test("ends where the item ends", () => {
    const bytes = Uint8Array.of(0x82, 1, 2, 0xff, 0xff);
    expect(decodeCborPrefix(bytes)).toEqual({ value: [1, 2], endOffset: 3 });
    expect(() => decodeCbor(bytes)).toThrow(CoffreError);
  });

  test("cut anywhere is refused", () => {
    const bytes = encodeCbor([1_000_000, "水", new Uint8Array(30), [null, -1]]);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeCborPrefix(bytes.subarray(0, end))).toThrow(CoffreError);
    }
  });
});

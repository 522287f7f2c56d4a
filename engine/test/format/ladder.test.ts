import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../../src/errors.ts";
import {
  blobSizeFor,
  bodySizeFor,
  CHUNK_BYTES,
  FULL_BLOB_BYTES,
  fitsBlob,
  isBlobSize,
  isBodySize,
  MAX_BODY_BYTES,
  padme,
  SEAL_OVERHEAD_BYTES,
} from "../../src/format/ladder.ts";

/** Padmé as F-54 words it, with real logarithms. */
function padmeByLogarithm(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  const bits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - bits);
  return Math.ceil(size / step) * step;
}

describe("Padmé (F-54)", () => {
  test("is what its definition says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 2 ** 31 - 1 }), (size) => {
        expect(padme(size)).toBe(padmeByLogarithm(size));
        expect(padme(padme(size))).toBe(padme(size));
        expect(padme(size)).toBeLessThanOrEqual(size * 1.13);
      }),
    );
  });

  test.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [16_384, 16_384],
    [16_385, 17_408],
    [2 ** 31, 2 ** 31],
  ])("of %i is %i", (size, padded) => {
    expect(padme(size)).toBe(padded);
  });
});

describe("a blob's size (F-53)", () => {
  test("is the smallest rung that equals the content or leaves 28 bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 29, max: FULL_BLOB_BYTES - 28 }), (content) => {
        const { sizeBytes, paddingBytes } = blobSizeFor(content);
        expect(isBlobSize(sizeBytes)).toBe(true);
        expect(content + (paddingBytes === null ? 0 : SEAL_OVERHEAD_BYTES + paddingBytes)).toBe(sizeBytes);
        for (let size = content; size < Math.min(sizeBytes, content + 200); size++) {
          if (isBlobSize(size)) expect(size).toBeLessThan(content + SEAL_OVERHEAD_BYTES);
        }
      }),
    );
  });

  test("of eight whole chunks is the largest", () => {
    expect(blobSizeFor(8 * (CHUNK_BYTES + 28))).toEqual({ sizeBytes: FULL_BLOB_BYTES, paddingBytes: 3_844 });
  });

  test.each([
    [29, 16_384, 16_327],
    [16_356, 16_384, 0],
    [16_357, 17_408, 1_023],
    [16_384, 16_384, null],
    [16_385, 17_408, 995],
    [FULL_BLOB_BYTES - 28, FULL_BLOB_BYTES, 0],
    [FULL_BLOB_BYTES, FULL_BLOB_BYTES, null],
  ])("for %i bytes is %i with %s zeros", (content, sizeBytes, paddingBytes) => {
    expect(blobSizeFor(content)).toEqual({ sizeBytes, paddingBytes });
  });

  test.each([0, 28, FULL_BLOB_BYTES - 27, FULL_BLOB_BYTES - 1, FULL_BLOB_BYTES + 1, 29.5])(
    "cannot be had for %d bytes",
    (content) => {
      expect(() => blobSizeFor(content)).toThrow(InvariantError);
    },
  );

  test("fits is the question before it", () => {
    expect([FULL_BLOB_BYTES - 28, FULL_BLOB_BYTES - 27, FULL_BLOB_BYTES].map(fitsBlob)).toEqual([true, false, true]);
  });
});

describe("a body's size (docs/format.md 7)", () => {
  test.each([
    [0, 4_096],
    [4_095, 4_096],
    [4_096, 4_096],
    [4_097, 4_352],
    [MAX_BODY_BYTES - 1, MAX_BODY_BYTES],
    [MAX_BODY_BYTES, MAX_BODY_BYTES],
  ])("for %i bytes is %i", (bytes, size) => {
    expect(bodySizeFor(bytes)).toBe(size);
    expect(isBodySize(size)).toBe(true);
  });

  test("has a limit", () => {
    expect(() => bodySizeFor(MAX_BODY_BYTES + 1)).toThrow(InvariantError);
    expect([4_095, 4_097, MAX_BODY_BYTES + 4_096].map(isBodySize)).toEqual([false, false, false]);
  });
});

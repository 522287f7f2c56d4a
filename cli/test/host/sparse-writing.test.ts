// Holes, and that they change nothing about the bytes.

import { closeSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writeSparse } from "../../src/host/sparse-writing.ts";
import { makeFolder } from "./scratch.ts";

const BLOCK_BYTES = 65_536;

function writeInto(file: string, offset: number, bytes: Buffer): void {
  const fd = openSync(file, "r+");
  try {
    writeSparse(fd, offset, bytes);
  } finally {
    closeSync(fd);
  }
}

test("blocks of zeros take no room, in the middle and at the end", () => {
  const file = join(makeFolder(), "sparse");
  writeFileSync(file, "");
  const bytes = Buffer.alloc(64 * BLOCK_BYTES);
  bytes[0] = 1;
  bytes[20 * BLOCK_BYTES + 5] = 2;
  writeInto(file, 0, bytes);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(statSync(file).blocks * 512).toBeLessThan(8 * BLOCK_BYTES);
});

test("zeros replace what a file held before", () => {
  const file = join(makeFolder(), "stale");
  writeFileSync(file, Buffer.alloc(3 * BLOCK_BYTES, 7));
  writeInto(file, BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES));
  const expected = Buffer.alloc(3 * BLOCK_BYTES, 7);
  expected.fill(0, BLOCK_BYTES, 2 * BLOCK_BYTES);
  expect(readFileSync(file).equals(expected)).toBe(true);
});

test("pieces in any order, at any place, make the bytes that they say", () => {
  const folder = makeFolder();
  const length = fc.constantFrom(0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES);
  const piece = fc.record({ offset: fc.nat({ max: 3 * BLOCK_BYTES }), length, fill: fc.constantFrom(0, 0, 7) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const file = join(folder, "pieces");
      writeFileSync(file, "");
      let expected = Buffer.alloc(0);
      for (const { offset, length, fill } of pieces) {
        writeInto(file, offset, Buffer.alloc(length, fill));
        if (length === 0) continue;
        const grown = Buffer.alloc(Math.max(expected.length, offset + length));
        expected.copy(grown);
        grown.fill(fill, offset, offset + length);
        expected = grown;
      }
      expect(readFileSync(file).equals(expected)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

// The engine and the server read the same documents with code that has nothing in common. Rule: they accept the same bytes,
// or one of them is wrong about the format.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CborValue, decodeCbor, encodeCbor } from "../../engine/src/format/cbor.ts";
import { decodeItem, encodeItem, type Item } from "../../server/src/domain/cbor.ts";
import type { DecoderRow, Raw } from "./decoder-row.ts";
import { mutatedInputs, randomInputs } from "./mutations.ts";
import { ROWS } from "./rows.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 600);
const SEED = Number(process.env["FUZZ_SEED"] ?? 7);

/** Rows that read the same bytes, the engine's first. Each is fed the mutations of both. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["engine/src/format/cbor.ts decodeCbor", "server/src/domain/cbor.ts decodeItem"],
  ["engine/src/format/signed.ts decodeSigned", "server/src/domain/signed-bytes.ts decodeSigned"],
  ["engine/src/format/signed.ts openSigned", "server/src/domain/signed-bytes.ts openSigned"],
  [
    "engine/src/format/reference-blob.ts decodeReferenceBlob",
    "server/src/domain/device-structures.ts cutReferenceBlob",
  ],
  ["engine/src/bytes.ts fromBase64", "server/src/domain/encodings.ts parseBase64"],
  ["engine/src/ids.ts parseDigest", "server/src/domain/encodings.ts parseId"],
];

function find(name: string): DecoderRow {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`there is no row ${name}`);
  return row;
}

describe.each(PAIRS)("%s and %s", (ours, theirs) => {
  const rows = [find(ours), find(theirs)] as const;
  test.each([
    ["random input", randomInputs],
    ["mutated samples", mutatedInputs],
  ] as const)("accept and refuse the same of %s", (_what, make) => {
    const inputs: fc.Arbitrary<Raw | null> = fc.oneof(make(rows[0]), make(rows[1]));
    const property = fc.property(inputs, (input) => {
      fc.pre(input !== null);
      const [first, second] = rows.map((row) => row.run(input).kind);
      expect(first).toBe(second);
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});

describe("a value of the subset", () => {
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.maxSafeInteger(),
      fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
      fc.string({ unit: "binary" }),
      fc.uint8Array({ maxLength: 300 }),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 30 }),
    ),
  }));

  test("has one encoding, which both write and both read back", () => {
    const property = fc.property(value, (item) => {
      const bytes = encodeCbor(item);
      expect(Buffer.compare(bytes, encodeItem(item as Item))).toBe(0);
      expect(decodeCbor(bytes)).toEqual(item);
      expect(decodeItem(bytes)).toEqual(item);
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});

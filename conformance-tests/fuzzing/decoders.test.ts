// Every decoder against bytes and texts that nobody meant. Rule: seeds are fixed, so that a run is the same each time;
// `FUZZ_RUNS` asks for more of them by hand, `FUZZ_SEED` for others.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DecoderRow, heldBytes, type Raw } from "./decoder-row.ts";
import { mutatedInputs, randomInputs } from "./mutations.ts";
import { ROWS } from "./rows.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 150);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_121);
/** A byte of input may become a slot or two with small arrays; nothing becomes more. */
const HELD_PER_BYTE = 48;
const HELD_ALWAYS = 4_096;
/** Messages say what was expected, and repeat nothing of what came. */
const MESSAGE_CHARS = 200;

const sizeOf = (input: Raw): number => (typeof input === "string" ? 2 * input.length : input.length);

function isSame(a: Raw, b: Raw): boolean {
  return typeof a === "string" || typeof b === "string" ? a === b : Buffer.compare(a, b) === 0;
}

/** Runs the decoder on `input` and checks what it gave. */
function check(row: DecoderRow, input: Raw): void {
  const before = typeof input === "string" ? input : input.slice();
  const outcome = row.run(input);
  expect(isSame(input, before), "the input stays as it was").toBe(true);
  if (outcome.kind === "refused") {
    expect(outcome.message.length).toBeLessThanOrEqual(MESSAGE_CHARS);
    return;
  }
  expect(heldBytes(outcome.value)).toBeLessThanOrEqual(HELD_ALWAYS + HELD_PER_BYTE * sizeOf(input));
  if (outcome.again !== null && !isSame(outcome.again, input)) expect(outcome.again).toEqual(input);
}

function checkAll(row: DecoderRow, inputs: fc.Arbitrary<Raw | null>): void {
  const property = fc.property(inputs, (input) => {
    fc.pre(input !== null);
    check(row, input);
  });
  fc.assert(property, { seed: SEED, numRuns: RUNS });
}

describe.each(ROWS.map((row) => [row.name, row] as const))("%s", (_name, row) => {
  test("accepts its samples, and encodes them again as they were", () => {
    for (const sample of row.samples) {
      const input = row.dress(sample);
      if (input === null) throw new Error("a sample cannot be dressed");
      const outcome = row.run(input);
      expect(outcome.kind).toBe("value");
      if (outcome.kind === "value" && outcome.again !== null) expect(outcome.again).toEqual(input);
    }
  });

  test("answers random input with a value or a refusal", () => {
    checkAll(row, randomInputs(row));
  });

  test("answers mutated samples with a value or a refusal", () => {
    checkAll(row, mutatedInputs(row));
  });
});

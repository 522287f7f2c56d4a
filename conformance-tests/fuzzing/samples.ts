// Valid inputs to begin from: what the vectors call valid, and what the example vault signs. Rule: nothing is made here
// that the vectors already hold.

import { readFileSync } from "node:fs";

interface Vector {
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: "valid" | "refuse";
}

/** The inputs of an area of the vectors that must be accepted. */
export function validInputs(area: string): readonly Readonly<Record<string, unknown>>[] {
  const file = new URL(`../vectors/${area}.json`, import.meta.url);
  const { tests } = JSON.parse(readFileSync(file, "utf8")) as { readonly tests: readonly Vector[] };
  return tests.filter(({ result }) => result === "valid").map(({ input }) => input);
}

/** One hexadecimal field of the inputs that must be accepted, as bytes. */
export function validBytes(area: string, field: string): readonly Uint8Array[] {
  return validInputs(area).map((input) => fromHexText(String(input[field])));
}

/** One text field of the inputs that must be accepted. */
export function validTexts(area: string, field: string): readonly string[] {
  return validInputs(area).map((input) => String(input[field]));
}

/** Signed bytes of a kind that must be accepted. */
export function validSigned(kind: string): readonly Uint8Array[] {
  return validInputs("signed")
    .filter((input) => input["kind"] === kind)
    .map((input) => fromHexText(String(input["signed"])));
}

export function fromHexText(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

// The shared vectors as the suite reads them. Rule: they are what conformance-tests/vectors holds, nothing else.

import { readFileSync } from "node:fs";

export interface Vector {
  readonly id: number;
  readonly comment: string;
  readonly input: Readonly<Record<string, string | number>>;
  readonly result: "valid" | "refuse";
  readonly expected: Readonly<Record<string, string | null>> | null;
}

/** The vectors of an area. */
export function readVectors(area: string): Vector[] {
  const { tests }: { tests: Vector[] } = JSON.parse(
    readFileSync(new URL(`../vectors/${area}.json`, import.meta.url), "utf8"),
  );
  if (tests.length === 0) throw new Error(`expected vectors of ${area}`);
  return tests;
}

/** Bytes of hexadecimal as base64: vectors hold the one, the border the other. */
export function hexToBase64(hex: unknown): string {
  return Buffer.from(String(hex), "hex").toString("base64");
}

/** Bytes of base64 as hexadecimal. */
export function base64ToHex(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("hex");
}

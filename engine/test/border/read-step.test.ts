// What a host hands over, when it does not fit.

import { describe, expect, test } from "vitest";
import { readStep } from "../../src/border/read-step.ts";
import { toBase64 } from "../../src/bytes.ts";
import { CoffreError } from "../../src/errors.ts";

const ENTROPY = toBase64(new Uint8Array(64));
const ROOT = { kind: "add-root", name: 5, locator: "/a", excludes: [] };

function codeOf(step: unknown): string | null {
  try {
    readStep(typeof step === "string" ? step : JSON.stringify(step));
    return null;
  } catch (error) {
    return error instanceof CoffreError ? error.code : String(error);
  }
}

describe("readStep", () => {
  test("takes a step", () => {
    expect(codeOf({ now: 1, entropy: ENTROPY, inputs: [] })).toBeNull();
  });

  test.each([
    ["no JSON", "{"],
    ["a list", []],
    ["a time before 1970", { now: -1, entropy: ENTROPY, inputs: [] }],
    ["entropy that is no base64", { now: 1, entropy: "AAA", inputs: [] }],
    ["63 bytes of entropy", { now: 1, entropy: toBase64(new Uint8Array(63)), inputs: [] }],
    ["an unknown input", { now: 1, entropy: ENTROPY, inputs: [{ kind: "unknown" }] }],
    [
      "an answer without its effect",
      { now: 1, entropy: ENTROPY, inputs: [{ kind: "answer", answer: { kind: "woken" } }] },
    ],
    ["an ask without a kind", { now: 1, entropy: ENTROPY, inputs: [{ kind: "ask", ask: {} }] }],
    ["a root whose name is a number", { now: 1, entropy: ENTROPY, inputs: [{ kind: "ask", ask: ROOT }] }],
    [
      "changed folders that are text",
      { now: 1, entropy: ENTROPY, inputs: [{ kind: "changed", root: "a", folders: "b" }] },
    ],
    ["more characters than a message has", " ".repeat(524_289)],
  ])("says that the host is at fault for %s", (_what, step) => {
    expect(codeOf(step)).toBe("host-malformed");
  });
});

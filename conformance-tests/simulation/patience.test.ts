// A check that never fails may be blind: what it says of engines that wait and of such that do not.

import { describe, expect, test } from "vitest";
import { watchPatience } from "./patience.ts";

const REQUEST = '{"effects":[{"kind":"request","id":2}],"more":false}';
const NOTHING = '{"effects":[],"more":false}';

function stepAt(now: number, ...inputs: readonly object[]): string {
  return JSON.stringify({ now, entropy: "", inputs });
}

function refusal(status: number, seconds: string): object {
  return {
    kind: "answer",
    effect: 1,
    answer: { kind: "response", status, headers: { "retry-after": seconds }, body: null, elapsedMs: 1 },
  };
}

/** What is said of an engine that gives these outputs, one a step. */
function complaintsOf(steps: readonly (readonly [text: string, out: string])[], isQuiet = true): string[] {
  const complaints: string[] = [];
  let at = 0;
  const handle = watchPatience(
    () => steps[at]?.[1] ?? NOTHING,
    () => isQuiet,
    (what) => complaints.push(what),
  );
  for (; at < steps.length; at++) handle(steps[at]?.[0] ?? "");
  return complaints;
}

describe("a busy server that asked for a pause", () => {
  test("is not asked before the pause is over", () => {
    const steps = [
      [stepAt(1_000, refusal(503, "30")), NOTHING],
      [stepAt(30_999), REQUEST],
    ] as const;
    expect(complaintsOf(steps)).toEqual(["the server was asked 1 ms before the pause was over that it had asked for"]);
  });

  test("may be asked when it is over", () => {
    expect(
      complaintsOf([
        [stepAt(1_000, refusal(429, "30")), NOTHING],
        [stepAt(31_000), REQUEST],
      ]),
    ).toEqual([]);
  });

  test("may be asked when the clock was set back by more than a pause can last", () => {
    expect(
      complaintsOf([
        [stepAt(10_000_000, refusal(429, "30")), NOTHING],
        [stepAt(1_000), REQUEST],
      ]),
    ).toEqual([]);
  });

  test("is not judged while something else was under way", () => {
    const steps = [[stepAt(1_000, refusal(503, "30")), REQUEST]] as const;
    expect(complaintsOf(steps)).toHaveLength(1);
    expect(complaintsOf(steps, false)).toEqual([]);
  });
});

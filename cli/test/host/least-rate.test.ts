import { describe, expect, test } from "vitest";
import { LeastRate, SPAN_BYTES, SPAN_MS } from "../../src/host/least-rate.ts";

/** Whether a body that brings `bytes` every `everyMs` is given up within `ms`. */
function isGivenUp(bytes: number, everyMs: number, ms: number): boolean {
  const rate = new LeastRate(0);
  for (let nowMs = everyMs; nowMs <= ms; nowMs += everyMs) {
    rate.took(bytes);
    if (rate.isTooSlow(nowMs)) return true;
  }
  return false;
}

describe("a body of an answer", () => {
  test("that brings one byte in five seconds is given up after half a minute, and not before", () => {
    expect(isGivenUp(1, 5_000, SPAN_MS - 1)).toBe(false);
    expect(isGivenUp(1, 5_000, SPAN_MS)).toBe(true);
  });

  test("that brings little, and as much as it must, goes on for ever", () => {
    expect(isGivenUp(Math.ceil(SPAN_BYTES / 30), 1_000, 3_600_000)).toBe(false);
  });

  test("that came quickly and then drips is given up too", () => {
    const rate = new LeastRate(0);
    rate.took(1_000_000);
    expect(rate.isTooSlow(SPAN_MS)).toBe(false);
    rate.took(1);
    expect(rate.isTooSlow(2 * SPAN_MS)).toBe(true);
  });
});

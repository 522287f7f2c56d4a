// The seconds that a run prints: each suite's sum, the slowest first.

import { expect, test } from "vitest";
import { describeTimes, vitestTimes } from "../test-seconds.ts";

test("seconds are added up by suite, and the ten slowest files are named", () => {
  const files = [
    ["conformance-tests/test/scenarios/a.test.ts", 1_000],
    ["conformance-tests/test/scenarios/b.test.ts", 2_500],
    ["conformance-tests/test/loose.test.ts", 400],
    ["conformance-tests/fuzzing/c.test.ts", 3_000],
    ...Array.from({ length: 9 }, (_, n) => [`cli/test/n/${n}.test.ts`, 10] as const),
  ] as const;
  const testResults = files.map(([name, ms]) => ({ name: `/checkout/${name}`, startTime: 5, endTime: 5 + ms }));
  const lines = describeTimes(vitestTimes(JSON.stringify({ testResults }), "/checkout"));
  expect(lines.slice(0, 5)).toEqual([
    "Seconds by suite (7 in all, two files at a time):",
    "      3.5  conformance-tests/test/scenarios",
    "      3.0  conformance-tests/fuzzing",
    "      0.4  conformance-tests/test",
    "      0.1  cli",
  ]);
  expect(lines.slice(5)).toHaveLength(11);
  expect(lines[6]).toBe("      3.0  conformance-tests/fuzzing/c.test.ts");
});

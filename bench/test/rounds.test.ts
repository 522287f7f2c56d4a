// The arithmetic behind the tables of `npm run bench`.

import { expect, test } from "vitest";
import { countCalls } from "../src/flush-counter.ts";
import { exponentOf, median } from "../src/rounds.ts";

test("the median is the middle, and of an even count the mean of the two in the middle", () => {
  expect(median([3])).toBe(3);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 10, 2])).toBe(3);
});

test("time that grows with the count has the exponent one, with its square two", () => {
  const counts = [10_000, 100_000, 1_000_000];
  expect(exponentOf(counts.map((n) => [n, n * 3e-5]))).toBeCloseTo(1);
  expect(exponentOf(counts.map((n) => [n, n * n * 1e-9]))).toBeCloseTo(2);
});

test("calls are summed over the rows of strace, with and without errors, and not over its total", () => {
  const table = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.00    0.610000         500      1220           fdatasync
 39.00    0.390000         390      1000         3 fsync
------ ----------- ----------- --------- --------- ----------------
100.00    1.000000         450      2220         3 total
`;
  expect(countCalls(table)).toBe(2_220);
  expect(countCalls("")).toBe(0);
});

// Text that is safe to show.

import { expect, test } from "vitest";
import { showBytes, showDuration, showName, showTime } from "../../src/printable.ts";

test.each([
  ["plain é😀.txt", "plain é😀.txt"],
  ["a\nb\tc\rd", "a\\nb\\tc\\rd"],
  ["\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
  ["\u009b31m", "\\u009b31m"],
  ["abc\u202egpj.exe", "abc\\u202egpj.exe"],
  ["a\\nb", "a\\\\nb"],
  ["\ud800", "\\ud800"],
  ["\u200b\ufeff\u2028", "\\u200b\\ufeff\\u2028"],
])("the name %j is shown as %s", (name, shown) => {
  expect(showName(name)).toBe(shown);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.00 kB"],
  [34_409_501, "34.4 MB"],
  [999_600, "1.00 MB"],
  [5_368_709_120, "5.37 GB"],
])("%i bytes are %s", (bytes, shown) => {
  expect(showBytes(bytes)).toBe(shown);
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [185, "3 min 5 s"],
  [7_860, "2 h 11 min"],
])("%d seconds are %s", (seconds, shown) => {
  expect(showDuration(seconds)).toBe(shown);
});

test("a time is the local one", () => {
  expect(showTime(new Date(2026, 10, 21, 9, 5, 7).getTime())).toBe("2026-11-21 09:05:07");
  expect(showTime(new Date(12_026, 10, 21, 9, 5, 7).getTime())).toBe("+012026-11-21");
  expect(showTime(new Date(-200, 10, 21, 9, 5, 7).getTime())).toBe("-000200-11-21");
  for (const farS of [2 ** 53 - 1, -(2 ** 53) + 1])
    expect(showTime(farS * 1000)).toBe(`@${(farS * 1000) / 1000}`.padEnd(19));
});

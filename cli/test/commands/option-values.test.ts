// What people write behind options.

import { describe, expect, test } from "vitest";
import { parsePin, parseRate, parseServer, parseTime } from "../../src/option-values.ts";
import { parsePlace } from "../../src/place-text.ts";

describe("a server", () => {
  test.each([
    ["https://backup.example.org", "https://backup.example.org"],
    ["https://backup.example.org/", "https://backup.example.org"],
    ["backup.example.org:8484", "https://backup.example.org:8484"],
    ["http://127.0.0.1:8484", "http://127.0.0.1:8484"],
    ["http://localhost:1", "http://localhost:1"],
    ["http://[::1]:1", "http://[::1]:1"],
    ["https://[2001:db8::1]", "https://[2001:db8::1]"],
  ])("%s is %s", (text, url) => {
    expect(parseServer(text, undefined, false)).toEqual({ url });
  });

  test.each([
    "http://192.0.2.1",
    "http://127.example.org",
    "https://a@b",
    "https://a/b",
    "https://a?b",
    "ftp://a",
    "https://",
  ])("%s is refused", (text) => {
    expect(() => parseServer(text, undefined, false)).toThrow();
  });

  test("may be plain http elsewhere when that is said, but not with a pin", () => {
    expect(parseServer("http://192.0.2.1", undefined, true)).toEqual({ url: "http://192.0.2.1" });
    expect(() => parseServer("http://192.0.2.1", "ab".repeat(32), true)).toThrow("https");
  });

  test("has a pin in any common writing", () => {
    const pin = "ab".repeat(32);
    for (const text of [pin, pin.toUpperCase(), `sha256:${pin}`, pin.replace(/(..)(?=.)/g, "$1:")])
      expect(parsePin(text)).toBe(pin);
    expect(() => parsePin("ab")).toThrow("64");
  });
});

test.each([
  ["500k", 500_000],
  ["2M", 2_000_000],
  ["1.5MB/s", 1_500_000],
  ["1G", 1_000_000_000],
  ["1000", 1_000],
])("the rate %s is %i bytes per second", (text, rate) => {
  expect(parseRate(text)).toBe(rate);
});

test.each(["", "0", "999", "-1k", "fast", "1T", "1 000", "9".repeat(400), "9007200G"])(
  "the rate %j is refused",
  (text) => {
    expect(() => parseRate(text)).toThrow("--limit-upload");
  },
);

describe("a time", () => {
  test.each([
    ["2026-11-21T10:15:00Z", Date.UTC(2026, 10, 21, 10, 15)],
    ["2026-11-21 10:15:00.5+02:00", Date.UTC(2026, 10, 21, 8, 15) + 500],
    ["2026-11-21 10:15", new Date(2026, 10, 21, 10, 15).getTime()],
    ["2026-11-21T10:15:30", new Date(2026, 10, 21, 10, 15, 30).getTime()],
    ["2026-11-21", new Date(2026, 10, 22).getTime() - 1],
    ["2026-12-31", new Date(2027, 0, 1).getTime() - 1],
    ["@1795256100", 1_795_256_100_000],
  ])("%s is %i", (text, timeMs) => {
    expect(parseTime(text)).toBe(timeMs);
  });

  test.each([
    "",
    "now",
    "2026",
    "2026-13-01",
    "21.11.2026",
    "10:15",
    "2026-11-21T25:00:00Z",
    "2026-02-30",
    "2026-02-29T00:00:00Z",
    "2026-04-31 10:15",
  ])("%j is refused", (text) => {
    expect(() => parseTime(text)).toThrow("--at");
  });
});

test.each([
  ["Photos", { root: "Photos", path: "" }],
  ["Photos/", { root: "Photos", path: "" }],
  ["Photos/a/b", { root: "Photos", path: "a/b" }],
  ["Photos/a/", { root: "Photos", path: "a" }],
  ["Photos//61ff", { root: "Photos", path: "/61ff" }],
])("the place %s is %j", (text, selection) => {
  expect(parsePlace(text)).toEqual(selection);
});

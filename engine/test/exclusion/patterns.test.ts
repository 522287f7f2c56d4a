// Exclusion patterns against gitignore's own rules; `conformance-tests/test/engine/gitignore.test.ts` compares them with a library.

import { describe, expect, test } from "vitest";
import { findRule, matchName, parsePatterns } from "../../src/exclusion/patterns.ts";

function rule(lines: readonly string[], path: string, isFolder = false): string | null {
  return findRule(parsePatterns(lines), path.split("/"), isFolder);
}

describe("a pattern", () => {
  test.each([
    ["*.tmp", "a.tmp", "*.tmp"],
    ["*.tmp", "deep/below/a.tmp", "*.tmp"],
    ["*.tmp", "a.tmpx", null],
    ["/a", "a", "/a"],
    ["/a", "b/a", null],
    ["a/b", "a/b", "a/b"],
    ["a/b", "x/a/b", null],
    ["**/b", "b", "**/b"],
    ["**/b", "x/y/b", "**/b"],
    ["a/**/b", "a/b", "a/**/b"],
    ["a/**/b", "a/x/y/b", "a/**/b"],
    ["a/**", "a/x", "a/**"],
    ["a/**", "a", null],
    ["?.jpg", "é.jpg", "?.jpg"],
    ["?.jpg", "🎞.jpg", "?.jpg"],
    ["[a-c]x", "bx", "[a-c]x"],
    ["[!a-c]x", "bx", null],
    ["[]]", "]", "[]]"],
    ["[", "[", null],
    ["\\*", "*", "\\*"],
    ["\\*", "a", null],
    ["\\!x", "!x", "\\!x"],
    ["\\#x", "#x", "\\#x"],
    ["x\\ ", "x ", "x\\ "],
    ["x ", "x", "x"],
  ])("%s and %s give %s", (pattern, path, expected) => {
    expect(rule([pattern], path)).toBe(expected);
  });

  test("that ends with a slash is for folders alone", () => {
    expect(rule(["cache/"], "cache")).toBeNull();
    expect(rule(["cache/"], "cache", true)).toBe("cache/");
  });

  test("that comes later decides, and one with ! brings back", () => {
    expect(rule(["*.jpg", "!keep.jpg"], "keep.jpg")).toBeNull();
    expect(rule(["!keep.jpg", "*.jpg"], "keep.jpg")).toBe("*.jpg");
  });

  test("that is blank or a comment says nothing", () => {
    expect(parsePatterns(["", "   ", "# no", "/"])).toEqual([]);
  });

  test("of 1,001 characters or of two lines is refused", () => {
    expect(parsePatterns(["x".repeat(1_000)])).toHaveLength(1);
    expect(() => parsePatterns(["x".repeat(1_001)])).toThrow(/1000 characters/);
    expect(() => parsePatterns(["a\nb"])).toThrow(/one line/);
  });

  test("made to be slow is matched in time that grows with its length alone", () => {
    const name = "a".repeat(255);
    expect(matchName(`${"*a".repeat(100)}b`, name)).toBe(false);
    const path = Array.from({ length: 200 }, () => "a");
    expect(findRule(parsePatterns([`${"**/a/".repeat(100)}b`]), path, false)).toBeNull();
  });
});

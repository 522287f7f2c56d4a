// Exclusion patterns against gitignore's own rules; `conformance-tests/test/engine/gitignore.test.ts` compares them with a library.

import { describe, expect, test } from "vitest";
import { findRule, parsePatterns } from "../../src/exclusion/patterns.ts";
import { splitNames } from "../../src/format/path.ts";

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
    ["x\\\\ ", "x\\", "x\\\\"],
    ["x\\\\ ", "x\\ ", null],
    ["x\\", "x\\", null],
    ["\\", "\\", null],
    ["file[[:digit:]].log", "file5.log", "file[[:digit:]].log"],
    ["[[:alpha:]]", "a]", null],
    ["[[:alpha:]_-]", "-", "[[:alpha:]_-]"],
    ["[[:space:]]", "\v", null],
    ["[[:door:]]", "d", null],
    ["[[:alpha]", ":", "[[:alpha]"],
    ["a\\/b", "a/b", "a\\/b"],
    ["a\\/b", "x/a/b", null],
    ["a/***/b", "a/b", "a/***/b"],
    ["***/b", "x/y/b", "***/b"],
    ["[/b]", "b", "[/b]"],
    ["[/b]", "x/b", null],
    ["x[!/]y", "xay", "x[!/]y"],
    ["x[!/]y", "x/y", null],
    ["[z-a]", "z", "[z-a]"],
    ["[z-a]", "b", null],
    ["[a/b", "[a/b", null],
    ["[é]", "é", "[é]"],
  ])("%s and %s give %s", (pattern, path, expected) => {
    expect(rule([pattern], path)).toBe(expected);
  });

  test.each([
    // Names in Latin-1, by their bytes.
    ["*.tmp", "/636166e92e746d70", "*.tmp"],
    ["*[0-9]", "/6c697374e9", null],
    ["list?", "/6c697374e9", "list?"],
    ["list*", "/6c697374e9", "list*"],
    ["liste9", "/6c697374e9", null],
    ["[a-f]*", "/61e9", "[a-f]*"],
    ["?", "/c3e9", null],
    ["??", "/c3e9", "??"],
    ["é*", "/c3a9ff", "é*"],
    ["[é]?", "/c3ff", "[é]?"],
    ["d?/keep", "/64e9/keep", "d?/keep"],
    ["*[0-9]", "/64e9/keep", null],
    ["/64e9", "/64e9", null],
  ])("%s and the name that is no text, %s, give %s", (pattern, path, expected) => {
    expect(findRule(parsePatterns([pattern]), splitNames(path), false)).toBe(expected);
  });

  test("with half a character in it, as an older version may have kept it, excludes no name", () => {
    expect(rule(["\ud800*"], "x")).toBeNull();
    expect(findRule(parsePatterns(["\ud800*"]), ["/ff"], false)).toBeNull();
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
    expect(rule([`${"*a".repeat(100)}b`], name)).toBeNull();
    const path = Array.from({ length: 200 }, () => "a");
    expect(findRule(parsePatterns([`${"**/a/".repeat(100)}b`]), path, false)).toBeNull();
  });
});

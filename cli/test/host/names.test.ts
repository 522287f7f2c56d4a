// Names, paths and locators.

import { describe, expect, test } from "vitest";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import {
  isCreatable,
  keyOfName,
  keyOfText,
  locate,
  locateIn,
  locatorOf,
  splitPath,
  textOfKey,
} from "../../src/host/names.ts";

const latin1 = (bytes: Buffer | string): string => Buffer.from(bytes as string).toString("latin1");

describe("names (H-9)", () => {
  test.each(["a", "-rf", "ünïcode", "😀", "a\nb", "x".repeat(255)])("%j is its own text", (name) => {
    expect(textOfKey(keyOfName(latin1(name)))).toBe(name);
  });

  test("a name that is not UTF-8 is a slash and its hex", () => {
    expect(textOfKey(keyOfName("a\xff"))).toBe("/61ff");
    expect(locate("/r", "dir//61ff")).toEqual(Buffer.from("/r/dir/a\xff", "latin1"));
    expect(locate("/r", "/61ff/b")).toEqual(Buffer.from("/r/a\xff/b", "latin1"));
  });

  test("keys compare as the UTF-8 bytes of their texts do", () => {
    const names = ["a", "B", "é", "😀", "\uffee", "/61ff", "/ff", "-", "z", "ab", "~", "0"];
    const byKey = [...names].sort((a, b) => (keyOfText(a) < keyOfText(b) ? -1 : 1));
    expect(byKey).toEqual([...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test("a locator may have names that are not UTF-8, too", () => {
    const locator = locatorOf(Buffer.from("/home/\xffx/é", "latin1"));
    expect(locator).toBe("/home//ff78//e9");
    expect(locate(locator, "a")).toEqual(Buffer.from("/home/\xffx/\xe9/a", "latin1"));
    expect(locatorOf(Buffer.from("/"))).toBe("/");
    expect(locate("/", "a")).toBe("/a");
  });
});

test("names longer than a path's, which some file systems have, are found in their folder (H-20)", () => {
  for (const latin1Name of ["x".repeat(256), latin1("é".repeat(255)), "\xff".repeat(256)]) {
    const found = locateIn("/r", textOfKey(keyOfName(latin1Name)));
    expect(Buffer.from(found).toString("latin1")).toBe(`/r/${latin1Name}`);
  }
});

describe("paths that would leave their root (H-25)", () => {
  test.each(["..", "a/..", "../a", "a/../b", ".", "a/", "/2e2e", "a//2e2e", "//", "a\0", "/2f", "/00", "/6", "\ud800"])(
    "%j is refused",
    (path) => {
      expect(() => locate("/r", path)).toThrow(RefusedEffect);
    },
  );

  test("a relative locator is refused", () => {
    expect(() => locate("r", "a")).toThrow(RefusedEffect);
  });

  test("dots that are part of a name are fine", () => {
    expect(splitPath("...a/..b/c..")).toEqual(["...a", "..b", "c.."]);
    expect(isCreatable("...")).toBe(true);
    expect(isCreatable("é".repeat(128))).toBe(false);
  });
});

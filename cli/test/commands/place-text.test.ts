import { formatPath, type PathComponent } from "coffre-engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePlace, showPlace } from "../../src/place-text.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A file's name: any text or bytes that can be one. */
const component = fc.oneof(
  fc
    .string({ unit: "binary", minLength: 1, maxLength: 20 })
    .filter((text) => !/[/\0]/.test(text) && text !== "." && text !== ".." && text.isWellFormed()),
  fc.constantFrom("\\x41", "\\", "a\\n", "\u009b", "e\u0301", "link@"),
  fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((name) => name.map((byte) => (byte === 0 || byte === 0x2f ? 0xff : byte)))
    .filter((name) => !name.every((byte) => byte < 0x80)),
);

describe("a place", () => {
  test.each<[string, readonly PathComponent[], string]>([
    ["Photos", [], "Photos"],
    ["Photos", ["2026", "a b.jpg"], "Photos/2026/a b.jpg"],
    ["odd", [bytes(0x6c, 0x61, 0x74, 0xe9)], "odd/lat\\xe9"],
    ["odd", [bytes(0xc3, 0xa9, 0xff, 0x1b), "b"], "odd/é\\xff\\x1b/b"],
    ["odd", ["bell\u0007.txt", "a\\b", "\u009b", "new\nline"], "odd/bell\\x07.txt/a\\\\b/\\u009b/new\\nline"],
  ])("in root %j with path %j is shown as %j", (root, path, shown) => {
    expect(showPlace(root, formatPath(path))).toBe(shown);
  });

  test("that is typed as it is shown is the same place", () => {
    const root = component.filter((name) => typeof name === "string");
    fc.assert(
      fc.property(root, fc.array(component, { maxLength: 4 }), (rootName, components) => {
        // What is no UTF-8 may be by accident; then it is text.
        const path = formatPath(components.map((name) => (typeof name === "string" ? name : asName(name))));
        const { root: typed, path: typedPath } = parsePlace(showPlace(rootName, path));
        expect([typed, typedPath]).toEqual([rootName, path]);
      }),
    );
  });

  test("may be typed with a slash or a link's mark behind it, in the other normal form, or as it stands there", () => {
    expect(parsePlace("Photos/2026/")).toEqual({ root: "Photos", path: "2026" });
    expect(parsePlace("Photos/a\\nb").spellings).toEqual([{ root: "Photos", path: "a\\nb" }]);
    expect(parsePlace("Photos/now@").spellings).toEqual([{ root: "Photos", path: "now" }]);
    expect(parsePlace("\u00e9").spellings).toEqual([{ root: "e\u0301", path: "" }]);
    expect(parsePlace("odd//6c61ff")).toEqual({ root: "odd", path: "/6c61ff" });
  });
});

function asName(name: Uint8Array): PathComponent {
  const text = Buffer.from(name).toString("utf8");
  return Buffer.from(text).equals(Buffer.from(name)) ? text : name;
}

test("a path that is longer than any may be is shown, since it waits for that", () => {
  const deep = `${"a/".repeat(600)}/ff`;
  expect(showPlace("root", deep)).toBe(`root/${"a/".repeat(600)}\\xff`);
  expect(showPlace("root", `${"n".repeat(300)}/b`)).toBe(`root/${"n".repeat(300)}/b`);
});

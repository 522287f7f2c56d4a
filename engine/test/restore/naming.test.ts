import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePath, splitPath } from "../../src/format/path.ts";
import { makeSafe, planFolders, renamePath } from "../../src/restore/naming.ts";

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

describe("the folder of a root in the target", () => {
  test("is its name, where no other root has that name", () => {
    const folders = planFolders([
      { root: 1, name: "photos", device: "phone" },
      { root: 2, name: "music", device: "laptop" },
    ]);
    expect([...folders]).toEqual([
      [1, "photos"],
      [2, "music"],
    ]);
  });

  test("stands below its device's name, where another device has a root of that name", () => {
    const folders = planFolders([
      { root: 1, name: "home", device: "phone" },
      { root: 2, name: "home", device: "laptop" },
    ]);
    expect([...folders.values()]).toEqual(["phone/home", "laptop/home"]);
  });

  test("is told apart by a number where devices have the same name too, or where safety made two alike", () => {
    const twins = planFolders([
      { root: 1, name: "home", device: "box" },
      { root: 2, name: "home", device: "box" },
      { root: 3, name: "a/b", device: "box" },
      { root: 4, name: "a_b", device: "box" },
    ]);
    expect([...twins.values()]).toEqual(["box/home", "box/home (2)", "a_b", "a_b (2)"]);
  });

  test.each([
    ["..", "_"],
    [".", "_"],
    ["", "_"],
    ["a/../../b", "a_.._.._b"],
    ["/etc", "_etc"],
    ["a\0b", "a_b"],
    ["...", "..."],
  ])("of %j is %j, one component that leads nowhere else", (name, safe) => {
    expect(makeSafe(name)).toBe(safe);
    expect(parsePath(safe)).toEqual([safe]);
  });
});

describe("another name for a file whose own is taken", () => {
  test.each([
    ["a.txt", 1, "a (restored).txt"],
    ["a.txt", 2, "a (restored 2).txt"],
    ["dir/archive.tar.gz", 1, "dir/archive.tar (restored).gz"],
    ["dir/.hidden", 1, "dir/.hidden (restored)"],
    ["none", 3, "none (restored 3)"],
    ["dir//61ff", 1, "dir//61ff2028726573746f72656429"],
  ])("is for %j at try %i %j", (path, tries, expected) => {
    expect(renamePath(path, tries)).toBe(expected);
  });

  test("is never longer than 255 bytes, and lies in the same folder", () => {
    const name = fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        name.filter((text) => text !== "." && text !== ".." && !/[/\0]/.test(text) && bytesOf(text) <= 255),
        fc.integer({ min: 1, max: 100 }),
        (text, tries) => {
          const { folder, name: renamed } = splitPath(renamePath(`dir/${text}`, tries));
          expect(folder).toBe("dir");
          expect(renamed).not.toBe(text);
          if (bytesOf(text.slice(text.lastIndexOf("."))) < 200 || !text.includes(".")) {
            expect(bytesOf(renamed)).toBeLessThanOrEqual(255);
          }
        },
      ),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePath, splitPath } from "../../src/format/path.ts";
import { makeSafe, planFolders, renamePath } from "../../src/restore/finish/naming.ts";

/** Rows of devices; `twin` has the name of `box`. */
const DEVICES = { phone: 1, laptop: 2, box: 3, twin: 4 } as const;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** The folders in the order of their roots' rows. */
function folderList(folders: ReadonlyMap<number, string>): string[] {
  return [...folders].sort(([a], [b]) => a - b).map(([, folder]) => folder);
}

describe("the folder of a root in the target", () => {
  test("is its name, where no other root has that name", () => {
    const folders = planFolders([
      { root: 1, name: "photos", device: DEVICES.phone, deviceName: "phone" },
      { root: 2, name: "music", device: DEVICES.laptop, deviceName: "laptop" },
    ]);
    expect([...folders]).toEqual([
      [1, "photos"],
      [2, "music"],
    ]);
  });

  test("stands below its device's name, where another device has a root of that name", () => {
    const folders = planFolders([
      { root: 1, name: "home", device: DEVICES.phone, deviceName: "phone" },
      { root: 2, name: "home", device: DEVICES.laptop, deviceName: "laptop" },
    ]);
    expect(folderList(folders)).toEqual(["phone/home", "laptop/home"]);
  });

  test("is told apart by a number where devices have the same name too, or where safety made two alike", () => {
    const twins = planFolders([
      { root: 1, name: "home", device: DEVICES.box, deviceName: "box" },
      { root: 2, name: "work", device: DEVICES.box, deviceName: "box" },
      { root: 3, name: "home", device: DEVICES.twin, deviceName: "box" },
      { root: 4, name: "work", device: DEVICES.twin, deviceName: "box" },
      { root: 5, name: "a_b", device: DEVICES.box, deviceName: "box" },
      { root: 6, name: "a/b", device: DEVICES.box, deviceName: "box" },
    ]);
    expect(folderList(twins)).toEqual([
      "box/home",
      "box/work",
      "box (2)/home",
      "box (2)/work",
      "box/a_b",
      "box/a_b (2)",
    ]);
  });

  test("never lies in another root's folder, which a device may be called like", () => {
    const folders = planFolders([
      { root: 1, name: "docs", device: DEVICES.phone, deviceName: "phone" },
      { root: 2, name: "docs", device: DEVICES.laptop, deviceName: "laptop" },
      { root: 3, name: "Phone", device: DEVICES.laptop, deviceName: "laptop" },
    ]);
    expect(folderList(folders)).toEqual(["phone (2)/docs", "laptop/docs", "Phone"]);
  });

  test("is never the restore's own, in any case", () => {
    const roots = [".coffre-restore", ".Coffre-Restore"].map((name, index) => ({
      root: index + 1,
      name,
      device: DEVICES.phone,
      deviceName: ".COFFRE-restore",
    }));
    expect(folderList(planFolders(roots.slice(0, 1)))).toEqual([".coffre-restore (2)"]);
    expect(folderList(planFolders(roots))).toEqual([
      ".COFFRE-restore (2)/.coffre-restore",
      ".COFFRE-restore (2)/.Coffre-Restore (2)",
    ]);
  });

  test("is neither equal to nor inside another's, whatever roots and devices are called", () => {
    const word = fc.constantFrom("a", "A", "b", "é", "e\u0301", "É", "a (2)", "A (2)", ".coffre-restore", "..", "_");
    const roots = fc.uniqueArray(fc.record({ name: word, device: fc.integer({ min: 1, max: 3 }) }), {
      selector: ({ name, device }) => `${device} ${name}`,
    });
    fc.assert(
      fc.property(roots, fc.tuple(word, word, word), (named, names) => {
        const folders = planFolders(
          named.map(({ name, device }, index) => ({
            root: index,
            name,
            device,
            deviceName: names[device - 1] as string,
          })),
        );
        const places = folderList(folders).map((folder) => `${folder.normalize("NFC").toLowerCase()}/`);
        expect(places.length).toBe(named.length);
        for (const [index, place] of places.entries()) {
          expect(place.startsWith(".coffre-restore/")).toBe(false);
          const others = places.filter((_, other) => other !== index);
          expect(others.filter((other) => other.startsWith(place))).toEqual([]);
        }
      }),
    );
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
    [`a.${"x".repeat(252)}`, 1, `a (restored).${"x".repeat(242)}`],
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
          expect(bytesOf(renamed)).toBeLessThanOrEqual(255);
        },
      ),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoffreError, InvariantError } from "../../src/errors.ts";
import {
  checkComponents,
  compareNames,
  formatName,
  formatPath,
  joinPath,
  type PathComponent,
  parsePath,
  splitPath,
} from "../../src/format/path.ts";

const isName = (text: string): boolean => text !== "." && text !== ".." && !/[/\0]/.test(text);
const textName = fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 12 }).filter(isName);
const rawName = fc
  .uint8Array({ maxLength: 8 })
  .map((bytes) => Uint8Array.of(0xff, ...bytes.filter((byte) => byte !== 0 && byte !== 0x2f)));
const anyName: fc.Arbitrary<PathComponent> = fc.oneof(textName, rawName);
const anyPath = fc.array(anyName, { maxLength: 6 });

describe("a path text (F-65)", () => {
  test("comes back as its components", () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });

  test("is read in one form only", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."/af.0F"), maxLength: 9 }), (text) => {
        let path: PathComponent[];
        try {
          path = parsePath(text);
        } catch (error) {
          expect((error as CoffreError).code).toBe("host-malformed");
          return;
        }
        expect(formatPath(path)).toBe(text);
      }),
      { numRuns: 3_000 },
    );
  });

  test("is split into what it was joined from", () => {
    fc.assert(
      fc.property(anyPath, anyName, (folder, name) => {
        const text = joinPath(formatPath(folder), formatName(name));
        expect(text).toBe(formatPath([...folder, name]));
        expect(splitPath(text)).toEqual({ folder: formatPath(folder), name: formatName(name) });
      }),
    );
  });

  test("writes raw names behind a doubled slash", () => {
    expect(formatPath(["dir", Uint8Array.of(0x61, 0xff)])).toBe("dir//61ff");
    expect(splitPath("/61ff")).toEqual({ folder: "", name: "/61ff" });
    expect(() => splitPath("")).toThrow(InvariantError);
  });
});

describe("components from a record (F-65)", () => {
  test.each([[""], ["."], [".."], ["a/b"], ["\0"], ["x".repeat(256)], [Uint8Array.of(0x61)], [Uint8Array.of(0xff, 0)]])(
    "%j is refused as the peer's fault",
    (component) => {
      expect(() => checkComponents([component])).toThrow(expect.objectContaining({ code: "peer-malformed" }));
    },
  );

  test.each([0, 1, 511, 512])("%i of them are accepted", (count) => {
    expect(() => checkComponents(Array<string>(count).fill("d"))).not.toThrow();
  });

  test("513 of them are refused", () => {
    expect(() => checkComponents(Array<string>(513).fill("d"))).toThrow(CoffreError);
  });
});

describe("the order of names", () => {
  test("is that of their UTF-8 bytes", () => {
    const name = fc.string({
      unit: fc.constantFrom("a", "b", "\u00e9", "\ue000", "\uffff", "\u{10000}", "\u{1f600}"),
      maxLength: 4,
    });
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2_000 },
    );
  });
});

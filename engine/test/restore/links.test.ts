import fc from "fast-check";
import { expect, test } from "vitest";
import { compareNames } from "../../src/format/path.ts";
import { nameBefore } from "../../src/restore/finish/links.ts";

test("a scan that looks for a name begins before it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 9 }), (name) => {
      const before = nameBefore(name);
      if (before !== null) expect(compareNames(before, name)).toBeLessThan(0);
    }),
  );
  expect(nameBefore("b")).toBe("a");
  expect(nameBefore("\ue000")).toBeNull();
  expect(nameBefore("x\ue000")).toBe("x");
  expect(nameBefore("/61ff")).toBe("/61fe");
});

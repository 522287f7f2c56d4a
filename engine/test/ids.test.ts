import { expect, test } from "vitest";
import { CoffreError } from "../src/errors.ts";
import { parseDigest, parseHostDigest, storedId } from "../src/ids.ts";

const CROOKED = ["", "ab", "AB".repeat(32), "ab".repeat(33), "gg".repeat(32)];

/** The code of what is thrown, or null where it is no error of the outside. */
function codeOf(work: () => unknown): string | null {
  try {
    work();
  } catch (error) {
    return error instanceof CoffreError ? error.code : null;
  }
  throw new Error("expected to throw");
}

test.each(CROOKED)("the id %j is blamed on whoever gave it: a server, a host, or ourselves", (text) => {
  expect(codeOf(() => parseDigest(text))).toBe("peer-malformed");
  expect(codeOf(() => parseHostDigest(text))).toBe("host-malformed");
  expect(codeOf(() => storedId(text))).toBe(null);
});

test("an id is the same for all three", () => {
  const id = "ab".repeat(32);
  expect([parseDigest(id), parseHostDigest(id), storedId(id)]).toEqual([id, id, id]);
});

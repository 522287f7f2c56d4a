import fc from "fast-check";
import { expect, test } from "vitest";
import { keyFromWords, wordsFromKey } from "../../src/crypto/words.ts";

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("a key comes back from its words, in any case and white space (F-13)", () => {
  fc.assert(
    fc.property(anyKey, fc.constantFrom(" ", "\n", "\t  ", "\u00a0"), (key, space) => {
      const words = wordsFromKey(key);
      expect(words.split(" ").length).toBe(24);
      const typed = words.toUpperCase().replaceAll(" ", space);
      expect(keyFromWords(`${space}${typed}${space}`)).toEqual({ kind: "key", key });
    }),
  );
});

test("a changed word is a wrong checksum, or rarely another key, never this one", () => {
  fc.assert(
    fc.property(anyKey, fc.nat(23), (key, place) => {
      const words = wordsFromKey(key).split(" ");
      words[place] = words[place] === "zoo" ? "zone" : "zoo";
      const reading = keyFromWords(words.join(" "));
      expect(["wrong-checksum", "key"]).toContain(reading.kind);
      if (reading.kind === "key") expect(reading.key).not.toEqual(key);
    }),
  );
});

test("an unknown word is told by its position from 1, then a wrong count", () => {
  expect(keyFromWords("zoo aban zoo")).toEqual({ kind: "unknown-word", position: 2 });
  expect(keyFromWords("zoo zoo")).toEqual({ kind: "wrong-count", count: 2 });
  expect(keyFromWords("")).toEqual({ kind: "wrong-count", count: 0 });
  expect(keyFromWords("zoo ".repeat(25))).toEqual({ kind: "wrong-count", count: 25 });
  expect(keyFromWords("zoo ".repeat(24))).toEqual({ kind: "wrong-checksum" });
});

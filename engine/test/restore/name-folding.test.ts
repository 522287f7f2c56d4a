import { describe, expect, test } from "vitest";
import { foldName } from "../../src/restore/finish/name-folding.ts";

describe("a name's fold", () => {
  test.each([
    "Photos",
    "Été",
    "ŒUVRES",
    "Straße",
    "Ελλάδα",
    "ΣΊΣΥΦΟΣ",
    "Йога",
    "Ёлка",
    "がぎぐ",
    "パパ",
    "한국어",
    "Việt Nam",
  ])("of %s is the same in both normal forms and in any case", (name) => {
    const forms = [name, name.toUpperCase(), name.toLowerCase()].flatMap((text) => [
      text.normalize("NFC"),
      text.normalize("NFD"),
    ]);
    expect(new Set(forms.map(foldName)).size).toBe(1);
  });

  test("holds for every letter that has another normal form or case", () => {
    const differing: string[] = [];
    for (let point = 0x80; point < 0x3100; point++) {
      const letter = String.fromCodePoint(point);
      // Scripts of India and Tibet compose otherwise; no file system's case knows them.
      if (
        /\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(letter)
      ) {
        if (foldName(`a${letter}b`) !== foldName(`a${letter.normalize("NFD")}b`)) differing.push(letter);
        if (foldName(`a${letter}b`) !== foldName(`a${letter.toUpperCase()}b`)) differing.push(letter);
      }
    }
    expect(differing).toEqual([]);
  });

  test("tells names of different scripts and words apart", () => {
    const names = ["Photos", "Music", "写真", "音楽", "Фото", "Кино", "사진", "음악", "Été 2024", "Été 2025", ""];
    expect(new Set(names.map(foldName)).size).toBe(names.length);
  });
});

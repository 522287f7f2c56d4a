// The sentences of `words/`. Rule: every language has all of them, with the same places to fill, in all its plural forms.

import { readFileSync } from "node:fs";
import { DAMAGE_CODES, FAILURE_CODES, WAITING_REASONS } from "coffre-engine";
import { afterEach, describe, expect, test } from "vitest";
import { LANGUAGES, type Language, languageOf, speak } from "../../src/language.ts";
import { sayTime, showBytes, showCount } from "../../src/printable.ts";
import { damageWords, failureWords, noticeWords } from "../../src/words.ts";

type Sentence = string | Readonly<Record<string, string>>;
type Sections = Readonly<Record<string, Readonly<Record<string, Sentence>>>>;

const OTHERS = LANGUAGES.filter((language) => language !== "en");
/** Narrow, as French has it before these and within its quotation marks. */
const SPACE = "\u202f";

function read(language: Language): Sections {
  return JSON.parse(readFileSync(new URL(`../../../words/${language}.json`, import.meta.url), "utf8"));
}

function list(sections: Sections): { readonly name: string; readonly forms: Readonly<Record<string, string>> }[] {
  return Object.entries(sections).flatMap(([section, sentences]) =>
    Object.entries(sentences).map(([key, sentence]) => ({
      name: `${section}/${key}`,
      forms: typeof sentence === "string" ? { "": sentence } : sentence,
    })),
  );
}

function placesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\{[A-Za-z]+\}/g))].sort();
}

afterEach(() => speak("en"));

test("every code of the closed lists has a sentence of its own, and none is for a code that is not there", () => {
  const { waiting, failure, damage } = read("en");
  expect(Object.keys(waiting ?? {})).toEqual(WAITING_REASONS);
  expect(Object.keys(failure ?? {}).sort()).toEqual([...FAILURE_CODES].sort());
  expect(Object.keys(damage ?? {}).sort()).toEqual([...DAMAGE_CODES].sort());
});

test.each(LANGUAGES)("no two failures are told in the same words in %s", (language) => {
  speak(language);
  const sentences = FAILURE_CODES.map(failureWords);
  expect(new Set(sentences).size).toBe(FAILURE_CODES.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^\p{Lu}.{10,}$/u);
});

test.each(LANGUAGES)("a code of a newer engine is shown as it is in %s", (language) => {
  speak(language);
  expect(failureWords("user-new")).toContain("user-new");
  for (const code of ["new-damage", "constructor"]) expect(damageWords(code)).toBe(code);
  expect(noticeWords("new-notice", 3, undefined)).toContain("new-notice");
});

describe.each(LANGUAGES)("the sentences in %s", (language) => {
  const sentences = list(read(language));
  const english = list(read("en"));

  test("are those of English, in the same order", () => {
    expect(sentences.map(({ name }) => name)).toEqual(english.map(({ name }) => name));
  });

  test("have the places to fill that English has", () => {
    const placesOf = (all: typeof sentences) =>
      all.flatMap(({ name, forms }) => [...new Set(Object.values(forms).map((text) => `${name} ${placesIn(text)}`))]);
    expect(placesOf(sentences)).toEqual(placesOf(english));
  });

  test("have every plural form of the language where a number decides", () => {
    const all = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const { name, forms } of sentences)
      if (!("" in forms)) expect([name, Object.keys(forms).sort()]).toEqual([name, all]);
  });

  test("hold nothing that a terminal could take for an order", () => {
    for (const { name, forms } of sentences)
      for (const text of Object.values(forms)) expect([name, text]).toEqual([name, text.replace(/[^\P{Cc}\n]/gu, "")]);
  });
});

test.each(OTHERS)("no sentence of codes is left in English in %s", (language) => {
  const [ours, english] = [read(language), read("en")];
  for (const section of ["waiting", "failure", "damage", "notice", "root", "status"])
    for (const [key, sentence] of Object.entries(ours[section] ?? {}))
      expect(`${key}: ${sentence}`).not.toBe(`${key}: ${english[section]?.[key]}`);
});

test("French has its apostrophes and its spaces", () => {
  for (const { name, forms } of list(read("fr")))
    for (const text of Object.values(forms)) {
      const wrong = text.match(/'|[^\s\u202f][;!?»]|[ \u00a0][;:!?»]|«[^\u202f]|\p{L}:(?= )/gu) ?? [];
      expect([name, wrong]).toEqual([name, []]);
    }
});

test("numbers, sizes, plurals and times are written as the language writes them", () => {
  const timeMs = new Date(2026, 10, 21, 9, 5, 7).getTime();
  const shown = () => [showBytes(1_234_567), showBytes(999), sayTime(timeMs)];
  const counts = () => [0, 1, 1.5, 2, 12_000, 1_000_000].map((count) => showCount(count, "file"));
  expect(shown()).toEqual(["1.23 MB", "999 B", "2026-11-21 09:05:07"]);
  expect(counts()).toEqual(["0 files", "1 file", "1.5 files", "2 files", "12,000 files", "1,000,000 files"]);
  speak("fr");
  expect(shown()).toEqual(["1,23 Mo", "999 o", "21/11/2026 09:05:07"]);
  const many = `1${SPACE}000${SPACE}000 de fichiers`;
  expect(counts()).toEqual(["0 fichier", "1 fichier", "1,5 fichier", "2 fichiers", `12${SPACE}000 fichiers`, many]);
});

test.each<[Record<string, string>, Language]>([
  [{}, "en"],
  [{ LANG: "fr_FR.UTF-8" }, "fr"],
  [{ LANG: "fr" }, "fr"],
  [{ LANG: "fr-CA" }, "fr"],
  [{ LANG: "fr_FR@euro" }, "fr"],
  [{ LANG: "frisian" }, "en"],
  [{ LANG: "de_DE.UTF-8" }, "en"],
  [{ LANG: "fr_FR.UTF-8", LC_MESSAGES: "en_GB.UTF-8" }, "en"],
  [{ LANG: "fr_FR.UTF-8", LC_MESSAGES: "" }, "fr"],
  [{ LANG: "fr_FR.UTF-8", LC_MESSAGES: "fr_FR.UTF-8", LC_ALL: "C" }, "en"],
  [{ LANG: "C", LC_ALL: "fr_BE.UTF-8" }, "fr"],
])("the environment %j asks for %s", (env, language) => {
  expect(languageOf(env)).toBe(language);
});

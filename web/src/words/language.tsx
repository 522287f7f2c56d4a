// The language of the pages, and the sentences of the engine's codes (`words/`). Rule: what is put into a sentence is text, never
// markup.

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import enCodes from "../../../words/en.json" with { type: "json" };
import frCodes from "../../../words/fr.json" with { type: "json" };
import { EN, type WordKey } from "./en.ts";
import { FR } from "./fr.ts";

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

const TABLES: Readonly<Record<Language, Readonly<Record<WordKey, string>>>> = { en: EN, fr: FR };
const CODES: Readonly<Record<Language, typeof enCodes>> = { en: enCodes, fr: frCodes };

/** How a person is spoken to. */
export interface Words {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  readonly say: (key: WordKey, values?: Readonly<Record<string, string | number>>) => string;
  /** The sentence of a failure's code, or of a kind of damage. */
  readonly sayCode: (code: string) => string;
  readonly saySize: (bytes: number) => string;
  readonly sayDate: (timeMs: number) => string;
  readonly sayTime: (timeMs: number) => string;
  readonly sayMonth: (timeMs: number) => string;
  readonly sayFiles: (count: number) => string;
}

/** A browser writes "17 byte". */
const BYTES: Readonly<Record<Language, string>> = { en: "B", fr: "o" };

const WordsContext = createContext<Words | null>(null);

/** Speaks the browser's language until a person chooses another. */
export function WordsProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(ofBrowser);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const say = useCallback<Words["say"]>((key, values = {}) => fill(TABLES[language][key], values), [language]);
  const words = useMemo<Words>(
    () => ({
      language,
      setLanguage,
      say,
      sayCode: (code) => codeWords(language, code),
      saySize: (bytes) => formatSize(language, bytes),
      sayDate: (timeMs) => new Date(timeMs).toLocaleDateString(language, { dateStyle: "medium" }),
      sayTime: (timeMs) => new Date(timeMs).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" }),
      sayMonth: (timeMs) => new Date(timeMs).toLocaleDateString(language, { month: "long", year: "numeric" }),
      sayFiles: (count) => countFiles(language, count),
    }),
    [language, say],
  );
  return <WordsContext value={words}>{children}</WordsContext>;
}

/** The words of the page. */
export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === null) throw new Error("expected a page with words");
  return words;
}

/** A name as it is shown: marks that turn text round and control characters are made visible. */
export function showName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const hidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  return name.replace(hidden, (char) => `\u27e8${char.charCodeAt(0).toString(16).padStart(4, "0")}\u27e9`);
}

function ofBrowser(): Language {
  const wished = navigator.languages.map((tag) => tag.split("-")[0]);
  return LANGUAGES.find((language) => language === wished.find((tag) => tag === "en" || tag === "fr")) ?? "en";
}

function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{([a-z]+)\}/g, (place, name: string) => String(values[name] ?? place));
}

function codeWords(language: Language, code: string): string {
  const { failure, damage } = CODES[language];
  return lookUp(failure, code) ?? lookUp(damage, code) ?? code;
}

function lookUp(table: object, code: string): string | null {
  const value = Object.hasOwn(table, code) ? (table as Readonly<Record<string, unknown>>)[code] : null;
  return typeof value === "string" ? value : null;
}

function countFiles(language: Language, count: number): string {
  const forms: Readonly<Record<string, string>> = CODES[language].count.file;
  const form = forms[new Intl.PluralRules(language).select(count)] ?? CODES[language].count.file.other;
  return fill(form, { count: count.toLocaleString(language) });
}

function formatSize(language: Language, bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  if (power === 0) return `${value.toLocaleString(language)}\u00a0${BYTES[language]}`;
  const maximumFractionDigits = power > 0 && value < 10 ? 1 : 0;
  const unit = units[power] ?? "byte";
  return value.toLocaleString(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits });
}

// The language that a person is spoken to in, and its sentences. Rule: a sentence stands once for each language, in `words/`, which
// the app and the web client read too; what is put into it is written as that language writes numbers and times.

import en from "../../words/en.json" with { type: "json" };
import fr from "../../words/fr.json" with { type: "json" };

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** English has every sentence; a language that lacks one does not compile. */
type Sentences = typeof en;
const SENTENCES: Readonly<Record<Language, Sentences>> = { en, fr };

/** Whose times are written: English has no order of day and month that is everybody's, so it has those of ISO 8601, as Swedish does. */
const TIME_LOCALES: Readonly<Record<Language, string>> = { en: "sv-SE", fr: "fr-FR" };

/** A sentence in each plural form of `count` that the language has. */
type Plural = { readonly other: string } & Readonly<Record<string, string>>;

type Values = Readonly<Record<string, string | number>>;

let spoken: Language = "en";

/** Speaks `language` from now on. */
export function speak(language: Language): void {
  spoken = language;
}

/** The language that the environment asks for, as POSIX has it: the first variable that is set decides. English if it has no words. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const wish = [env["LC_ALL"], env["LC_MESSAGES"], env["LANG"]].find((value) => value !== undefined && value !== "");
  const name = wish?.split(/[_.@-]/)[0]?.toLowerCase();
  return LANGUAGES.find((language) => language === name) ?? "en";
}

/** The sentence called `key`, with `values` in the places of their names; `count` chooses its plural form. */
export function say<S extends keyof Sentences>(
  section: S,
  key: keyof Sentences[S] & string,
  values: Values = {},
): string {
  const sentences: Readonly<Record<string, string | Plural>> = SENTENCES[spoken][section];
  const sentence = Object.hasOwn(sentences, key) ? (sentences[key] ?? key) : key;
  const form = typeof sentence === "string" ? sentence : pluralForm(sentence, Number(values["count"]));
  return form.replace(/\{([A-Za-z]+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? formatNumber(value) : value;
  });
}

/** The names of a section's sentences. */
export function keysOf(section: keyof Sentences): readonly string[] {
  return Object.keys(SENTENCES[spoken][section]);
}

/** A number as the language writes it: `12,000`. */
export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return value.toLocaleString(spoken, options);
}

/** A time with its date, to the second. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toLocaleString(TIME_LOCALES[spoken], { dateStyle: "short", timeStyle: "medium" });
}

function pluralForm(sentence: Plural, count: number): string {
  return sentence[new Intl.PluralRules(spoken).select(count)] ?? sentence.other;
}

// The choice of a language. Rule: each is named in itself.

import { LANGUAGES, type Language, useWords } from "../words/language.tsx";

const NAMES: Readonly<Record<Language, string>> = { en: "English", fr: "Français" };

export function LanguageChoice() {
  const { language, setLanguage, say } = useWords();
  return (
    <fieldset className="flex shrink-0 gap-1" aria-label={say("app.language")}>
      {LANGUAGES.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          aria-pressed={each === language}
          className={`rounded-lg px-2 py-1 text-sm ${each === language ? "font-medium text-ink" : "text-soft hover:text-ink"}`}
          onClick={() => setLanguage(each)}
        >
          {NAMES[each]}
        </button>
      ))}
    </fieldset>
  );
}

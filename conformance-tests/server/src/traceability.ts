// Which check stands for which sentence of docs/protocol.md. Rule: a sentence is covered by a quote that shares a letter with it,
// so that a new sentence of the page is found to have none.

import type { Check } from "./check.ts";
import type { Untested } from "./untested.ts";

/** One sentence of the page with what stands for it. */
export type Trace = {
  readonly requirement: string;
  readonly sentence: string;
  readonly checks: readonly string[];
  /** Why no check stands for it; null when one does, or nobody said why. */
  readonly reason: string | null;
};

/** The sentences of a requirement's text: each ends with a full stop before a capital, a code or a bracket. */
export function splitSentences(text: string): readonly { readonly sentence: string; readonly start: number }[] {
  const found: { sentence: string; start: number }[] = [];
  let start = 0;
  for (const sentence of text.split(/(?<=\.\)?)\s+(?=[A-Z`(])/)) {
    const at = text.indexOf(sentence, start);
    found.push({ sentence, start: at });
    start = at + sentence.length;
  }
  return found;
}

/** Every sentence of these requirements with its checks or reason. */
export function traceSentences(
  requirements: readonly { readonly id: string; readonly text: string }[],
  checks: readonly Check[],
  untested: readonly Untested[],
): readonly Trace[] {
  return requirements.flatMap(({ id, text }) =>
    splitSentences(text).map(({ sentence, start }) => {
      const covers = (quote: string): boolean => {
        const at = text.indexOf(quote);
        return at >= 0 && at < start + sentence.length && at + quote.length > start;
      };
      const own = checks.filter(({ requirement, quote }) => requirement === id && covers(quote));
      const reason = untested.find(({ requirement, quotes }) => requirement === id && quotes.some(covers))?.reason;
      return { requirement: id, sentence, checks: own.map((check) => check.id), reason: reason ?? null };
    }),
  );
}

/** The table for people. */
export function formatTraces(traces: readonly Trace[]): string {
  const rows = traces.map(({ requirement, sentence, checks, reason }) => {
    const words = sentence
      .replaceAll("\n", " ")
      .replaceAll("|", "\\|")
      .replaceAll(/\]\([^)]*\)/g, "]");
    const proof = checks.length > 0 ? checks.map((id) => `\`${id}\``).join(", ") : `– ${reason ?? ""}`;
    return `| ${requirement} | ${words} | ${proof} |`;
  });
  return [
    "# What is checked, sentence by sentence",
    "",
    "Made from the checks and `docs/protocol.md` by `npm run traceability -w coffre-conformance`; a test compares it. A dash stands before the",
    "reason why no check can see a sentence.",
    "",
    "| id | sentence of docs/protocol.md | checks |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

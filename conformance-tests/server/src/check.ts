// What a check is. Rule: a check is data and one function; it quotes the sentence of docs/protocol.md that it holds the server to,
// and a test compares the quote to the letter.

import type { Stage } from "./stage.ts";

export type Keyword = "MUST" | "SHOULD" | "MAY";

export type Check = {
  /** Stable for ever, such as `blobs/wrong-digest`. */
  readonly id: string;
  /** `P-n` of docs/protocol.md. */
  readonly requirement: `P-${number}`;
  readonly keyword: Keyword;
  /** Out of the requirement's text, to the letter. */
  readonly quote: string;
  /** What is done and expected, in one sentence. */
  readonly says: string;
  /** A feature of discovery without which there is nothing to check. */
  readonly feature?: "second-factor" | "bases" | "audits";
  /** Commands that the run must have been given. */
  readonly command?: "kill";
  readonly run: (stage: Stage) => Promise<void>;
};

/** Which section of docs/protocol.md a requirement stands in; the tens of its number say it. */
export function sectionOf(requirement: string): number {
  const number = Number(requirement.slice(2));
  return number < 10 ? 1 : Math.floor(number / 10) + 1;
}

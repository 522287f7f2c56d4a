// Reads docs/requirements.md, which says of each of the owner's demands what came of it and what proves that.
// Rule: nothing counts as done on somebody's word; a proof is a link to a test or a document.

import { rowsOf } from "./markdown.ts";

/** How far a demand is: the whole list. */
const STATES = ["done", "partly", "later", "ruled out"] as const;

/** The demands are R1 to R287. */
export const LAST_REQUIREMENT = 287;

/** One row of the table: `| R1 | … | state | proof |`. */
interface Requirement {
  readonly id: string;
  readonly state: string;
  readonly proof: string;
}

/** The rows whose first cell is a demand's number. */
function parseRequirements(markdown: string): readonly Requirement[] {
  return rowsOf(markdown)
    .filter((cells) => /^R\d+$/.test(cells[0] ?? ""))
    .map((cells) => ({ id: cells[0] ?? "", state: cells.at(-2) ?? "", proof: cells.at(-1) ?? "" }));
}

/** What is wrong with the table in `markdown`: one line for each fault. Whether links live is a rule of its own. */
export function findFaults(markdown: string, last: number = LAST_REQUIREMENT): readonly string[] {
  const rows = parseRequirements(markdown);
  const wanted = Array.from({ length: last }, (_, index) => `R${index + 1}`);
  const counted = wanted.flatMap((id) => {
    const count = rows.filter((row) => row.id === id).length;
    return count === 1 ? [] : [`${id} has ${count} rows`];
  });
  const unknown = rows.filter(({ id }) => !wanted.includes(id)).map(({ id }) => `${id} is not a demand`);
  return [...counted, ...unknown, ...rows.flatMap(findRowFaults)];
}

/** What is wrong with one row. */
function findRowFaults({ id, state, proof }: Requirement): readonly string[] {
  if (!(STATES as readonly string[]).includes(state)) return [`${id} is "${state}", not one of: ${STATES.join(", ")}`];
  const hasLink = /\]\((?![a-z]+:)[^)\s]+\)/.test(proof);
  return state === "done" && !hasLink ? [`${id} is done, but no link into the repository proves it`] : [];
}

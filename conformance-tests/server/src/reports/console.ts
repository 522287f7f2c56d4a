// A run for a terminal. Rule: a line for each check, what came for each that did not pass, and the sum as the last line.

import { sectionOf } from "../check.ts";
import type { Verdict } from "../expected-failures.ts";
import { STATES, type State } from "../outcome.ts";
import type { Result, Run } from "../run.ts";
import { formatCurl, formatExchange } from "../wire/curl.ts";

const MARKS: Readonly<Record<State, string>> = {
  pass: "ok     ",
  fail: "FAIL   ",
  warn: "warn   ",
  "not-applicable": "n/a    ",
  "prerequisite-failed": "BLOCKED",
  "suite-error": "ERROR  ",
};
/** Exchanges that are shown: the last two of a failed check. */
const SHOWN = 2;

/** One result: a line, and more for what did not pass. */
export function formatResult(result: Result, url: URL): string {
  const { check, state, why } = result;
  const line = `${MARKS[state]} ${check.requirement.padEnd(5)} ${check.id.padEnd(36)} ${check.says}`;
  if (state === "pass") return line;
  if (state === "not-applicable") return `${line}\n        ${why}`;
  return [line, ...indent(formatFailure(result, url))].join("\n");
}

/** What a person needs to see of a failed check: sentence, expectation, exchanges, and how to repeat the last one. */
export function formatFailure({ check, state, why, expected, came, exchanges }: Result, url: URL): string {
  const sentence = `docs/protocol.md ${sectionOf(check.requirement)}, ${check.requirement} (${check.keyword}): “${check.quote}”`;
  const last = exchanges.at(-1);
  return [
    sentence,
    ...(expected === null ? [`why:      ${why}`] : [`expected: ${expected}`, `came:     ${came}`]),
    ...(state === "suite-error" ? ["This is a fault of the suite and not the server's."] : []),
    ...exchanges.slice(-SHOWN).flatMap((exchange) => ["", formatExchange(exchange)]),
    ...(last === undefined ? [] : ["", formatCurl(url, last.request)]),
  ].join("\n");
}

/** The closing lines. */
export function formatSum(run: Run, { stale, known }: Verdict): string {
  const counts = STATES.map((state) => [state, run.results.filter((result) => result.state === state).length] as const);
  const waited = run.waitedS > 0 ? `, ${run.waitedS} s of them waiting after 429` : "";
  return [
    "",
    ...stale.map((id) => `${id}: expected to fail, and does not (or is no check); take it off the list`),
    ...(known.length === 0 ? [] : [`${known.length} known failures`]),
    `${run.software} at ${run.url} in ${(run.elapsedMs / 1_000).toFixed(1)} s${waited}`,
    counts.map(([state, count]) => `${count} ${state}`).join(", "),
  ].join("\n");
}

function indent(text: string): string[] {
  return text.split("\n").map((line) => (line === "" ? "" : `        ${line}`));
}

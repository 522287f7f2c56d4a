// A run for programs. Rule: what a field means stays the same; new ones may come.

import { sectionOf } from "../check.ts";
import type { Verdict } from "../expected-failures.ts";
import { STATES } from "../outcome.ts";
import type { Result, Run } from "../run.ts";
import { formatCurl, formatExchange } from "../wire/curl.ts";

/** The run as the text of `results.json`. */
export function formatJson(run: Run, { unexpected, known, stale }: Verdict, url: URL): string {
  const report = {
    suite: "coffre-conformance",
    protocol: "1",
    server: { url: run.url, software: run.software },
    startedAt: run.startedAt,
    elapsedMs: Math.round(run.elapsedMs),
    waitedS: run.waitedS,
    counts: countStates(run.results),
    unexpectedFailures: unexpected.map(({ check }) => check.id),
    knownFailures: known.map(({ check }) => check.id),
    staleExpectations: stale,
    results: run.results.map((result) => describeResult(result, url)),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** How many results there are of each state. */
export function countStates(results: readonly Result[]): Readonly<Record<string, number>> {
  return Object.fromEntries(STATES.map((state) => [state, results.filter((result) => result.state === state).length]));
}

function describeResult({ check, state, why, expected, came, exchanges, elapsedMs }: Result, url: URL) {
  const { id, requirement, keyword, quote, says } = check;
  const isShown = state !== "pass" && state !== "not-applicable";
  const last = exchanges.at(-1);
  return {
    id,
    requirement,
    section: sectionOf(requirement),
    keyword,
    quote,
    says,
    state,
    why,
    expected,
    came,
    elapsedMs: Math.round(elapsedMs),
    exchanges: isShown ? exchanges.map(formatExchange) : [],
    curl: isShown && last !== undefined ? formatCurl(url, last.request) : null,
  };
}

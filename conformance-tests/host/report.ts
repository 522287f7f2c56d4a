// What a run is told as: lines for people, one JSON object for programs. Rule: nothing is left out of either.

import type { Outcome, Report } from "./suite.ts";

const MARKS = { passed: "ok    ", failed: "FAILED", "left out": "absent" } as const;
const IDS_CHARS = 16;

/** One outcome as a line, and its reason below it. */
export function formatOutcome({ says, proves, state, why }: Outcome): string {
  const line = `  ${MARKS[state]}  ${proves.join(" ").padEnd(IDS_CHARS)}  ${says}\n`;
  return why === null ? line : `${line}${indent(why)}\n`;
}

/** How many outcomes of each state there are. */
export function countStates(outcomes: readonly Outcome[]): { passed: number; failed: number; leftOut: number } {
  const count = (state: Outcome["state"]): number => outcomes.filter((outcome) => outcome.state === state).length;
  return { passed: count("passed"), failed: count("failed"), leftOut: count("left out") };
}

/** The closing line. */
export function formatCounts({ host, outcomes }: Report): string {
  const { passed, failed, leftOut } = countStates(outcomes);
  return `${host}: ${passed} passed, ${failed} failed, ${leftOut} left out\n`;
}

/** The whole report as JSON. */
export function formatJson(report: Report): string {
  const { host, outcomes } = report;
  return `${JSON.stringify({ host, ...countStates(outcomes), checks: outcomes }, null, 2)}\n`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "          ");
}

// Failures that somebody knows of. Rule: the list says exactly what fails: an entry that passes is a failure of the run.

import type { Result } from "./run.ts";

/** How a run ended when known failures are taken out. */
export type Verdict = {
  readonly unexpected: readonly Result[];
  /** Entries whose check passed, or was not run at all under this id. */
  readonly stale: readonly string[];
  readonly known: readonly Result[];
};

/** The ids of a text with one id a line; what follows `#` is a comment. */
export function parseExpectedFailures(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}

/** Compares results with the ids that are expected to fail; `known` ids are all that there are. */
export function judgeRun(results: readonly Result[], expected: readonly string[], allIds: readonly string[]): Verdict {
  const bad = results.filter(({ state }) => state === "fail" || state === "prerequisite-failed");
  const ran = new Map(results.map(({ check, state }) => [check.id, state]));
  return {
    unexpected: bad.filter(({ check }) => !expected.includes(check.id)),
    known: bad.filter(({ check }) => expected.includes(check.id)),
    stale: expected.filter((id) => ran.get(id) === "pass" || !allIds.includes(id)),
  };
}

/** 0: all that was asked holds; 1: it does not; 2: the suite itself failed. */
export function exitCodeOf(results: readonly Result[], { unexpected, stale }: Verdict): 0 | 1 | 2 {
  if (results.some(({ state }) => state === "suite-error")) return 2;
  return unexpected.length > 0 || stale.length > 0 ? 1 : 0;
}

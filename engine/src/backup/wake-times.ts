// When a run goes on by itself. Rule: every wait of a run has its end here, or it would wait for something that never comes.

import { nextMonthAtMs, opensAtMs } from "./policy.ts";
import type { Run } from "./run.ts";

/** All times at which something may go on, beside those that are given. */
export function wakeTimes(run: Run, now: number, others: readonly (number | null)[]): (number | null)[] {
  return [
    ...others,
    run.backoff.isWaiting(now) ? run.backoff.untilMs : null,
    run.mode === "watch" ? null : run.backoff.givesUpAtMs(),
    opensAtMs(run.policy, run.conditions, now),
    run.isOverBudget && run.conditions !== null ? nextMonthAtMs(run.conditions, now) : null,
  ];
}

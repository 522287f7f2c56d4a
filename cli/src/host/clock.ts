// The machine's own time. Rule: whatever waits for a time waits on a Clock, so that tests can turn one by hand.

import type { Clock } from "../../../host-loop/src/index.ts";

/** A timer is looked at again after this long: the wall clock may be set, and a machine may sleep. */
const LONGEST_TIMER_MS = 15_000;

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => Math.floor(performance.now()),
  callAt: (atMs, call) => {
    let timer: NodeJS.Timeout;
    const endMs = performance.now() + atMs - Date.now();
    const arm = (): void => {
      const remainingMs = Math.min(atMs - Date.now(), endMs - performance.now());
      if (remainingMs <= 0) timer = setTimeout(call, 0);
      else timer = setTimeout(arm, Math.min(remainingMs, LONGEST_TIMER_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};

// What a process uses, looked at again and again until it ends: for programs that do not say it themselves. Rule: the last look
// counts, and it is at most one interval old.

import type { Usage } from "../../conformance-tests/end-to-end/child.ts";
import { readProcessUsage } from "./process-usage.ts";

const LOOK_MS = 50;

/** Follows the process `id`; `stop` gives what was seen last. */
export function followUsage(id: number): { stop(): Usage } {
  let last: Usage = { peakBytes: 0, cpuSeconds: 0 };
  const look = (): void => {
    try {
      const now = readProcessUsage(id);
      // A process that has ended, and was not waited for yet, has no memory any more.
      last = { peakBytes: Math.max(last.peakBytes, now.peakBytes), cpuSeconds: now.cpuSeconds };
    } catch {
      // It has ended: what was seen before is all.
    }
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}

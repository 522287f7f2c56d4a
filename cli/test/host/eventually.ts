// Waiting for what happens beside a test: a watch that tells, a process that begins. Rule: a busy machine makes a test slow and
// never red, so the bound is one that only a hang reaches.

import { vi } from "vitest";

const HUNG_MS = 60_000;
const LOOK_MS = 20;

/** Repeats `check` until it throws no more. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: HUNG_MS, interval: LOOK_MS });
}

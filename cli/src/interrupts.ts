// What Ctrl-C and SIGTERM do. Rule: the first one ends the work at the next safe point, the second one at once.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const NUMBERS: Record<(typeof SIGNALS)[number], number> = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };

/** Calls `onFirst` at the first signal until `work` ends; the second one ends the process as a shell expects. */
export async function withInterrupts<T>(onFirst: () => void, work: () => Promise<T>): Promise<T> {
  let seen = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    if (seen) process.exit(128 + NUMBERS[signal]);
    seen = true;
    onFirst();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

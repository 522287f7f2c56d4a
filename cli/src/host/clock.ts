// Time as the host sees it. Rule: whatever waits for a time waits on a Clock, so that tests can turn one by hand.

/** A clock that tells the time and calls back. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Calls `call` once, at `atMs` or after it; the function that comes back takes it back. */
  callAt(atMs: number, call: () => void): () => void;
}

/** A timer is looked at again after this long: the wall clock may be set, and a machine may sleep. */
const LONGEST_TIMER_MS = 15_000;

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  callAt: (atMs, call) => {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const remainingMs = atMs - Date.now();
      if (remainingMs <= 0) timer = setTimeout(call, 0);
      else timer = setTimeout(arm, Math.min(remainingMs, LONGEST_TIMER_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};

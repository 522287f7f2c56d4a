// Time as the host sees it. Rule: whatever waits for a time waits on a Clock, so that tests can turn one by hand.

/** A clock that tells the time and calls back. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Milliseconds of a clock that is never set, from any beginning. */
  monotonicMs(): number;
  /** Calls `call` once, at `atMs` or after it, also when the wall clock is set back meanwhile; the function that comes back takes it back. */
  callAt(atMs: number, call: () => void): () => void;
}

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

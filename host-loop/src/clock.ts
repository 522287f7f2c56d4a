// Time as a host sees it. Rule: whatever waits for a time waits on a Clock, so that tests can turn one by hand.

/** A clock that tells the time and calls back. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Milliseconds of a clock that is never set, from any beginning. */
  monotonicMs(): number;
  /** Calls `call` once, at `atMs` or after it, also when the wall clock is set back meanwhile; the function that comes back takes it back. */
  callAt(atMs: number, call: () => void): () => void;
}

// Virtual time: milliseconds that pass only when someone says so. Rule: timers run in order of time, and in the order in
// which they were set where times are equal, so that a run is repeated exactly.

/** A timer that was set; `cancel` may be called at any time, also after it ran. */
export interface Timer {
  readonly atMs: number;
  cancel(): void;
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

export class VirtualClock {
  #nowMs: number;
  #order = 0;
  /** In descending order, so that the next one is taken from the end. */
  readonly #timers: Due[] = [];

  /** Starts at `startMs` since 1970. */
  constructor(startMs = 1_800_000_000_000) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `run` when the clock reaches `atMs`; a time that has passed means now, behind what is due already. */
  schedule(atMs: number, run: () => void): Timer {
    const due: Due = { atMs: Math.max(Math.ceil(atMs), this.#nowMs), order: this.#order++, run };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAfter(this.#timers[middle] as Due, due)) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, due);
    return {
      atMs: due.atMs,
      cancel: () => {
        if (due.run === null) return;
        due.run = null;
        this.#timers.splice(this.#timers.indexOf(due), 1);
      },
    };
  }

  /** When the next timer is due, or null when none is set. */
  get nextAtMs(): number | null {
    return this.#timers.at(-1)?.atMs ?? null;
  }

  /** Moves to the next timer and runs it; false when there is none. */
  runNext(): boolean {
    const due = this.#timers.pop();
    if (due === undefined) return false;
    this.#nowMs = due.atMs;
    const run = due.run;
    due.run = null;
    run?.();
    return true;
  }

  /** Lets `ms` pass and runs what becomes due meanwhile. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.nextAtMs; next !== null && next <= endMs; next = this.nextAtMs) this.runNext();
    this.#nowMs = endMs;
  }
}

function isAfter(a: Due, b: Due): boolean {
  return a.atMs === b.atMs ? a.order > b.order : a.atMs > b.atMs;
}

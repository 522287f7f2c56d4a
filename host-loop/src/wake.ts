// `wake`: the engine runs again at a time (docs/host-api.md §3, wake). Rule: there is one wake; a new one replaces the one
// before, which is never answered.

import type { Clock } from "./clock.ts";

/** The one wake of an engine. */
export class Wake {
  readonly #clock: Clock;
  #takeBack: () => void = () => {};
  #id: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `woken` at `atMs` or after it, instead of what was set before. */
  set(id: number, atMs: number, woken: () => void): void {
    this.#takeBack();
    this.#id = id;
    this.#takeBack = this.#clock.callAt(atMs, () => {
      this.#id = null;
      woken();
    });
  }

  /** Takes the wake back when it has this id; whether it had. */
  cancel(id: number): boolean {
    if (this.#id !== id) return false;
    this.clear();
    return true;
  }

  /** Takes back whatever is set. */
  clear(): void {
    this.#takeBack();
    this.#takeBack = () => {};
    this.#id = null;
  }
}

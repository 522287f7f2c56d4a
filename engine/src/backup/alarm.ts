// When the engine is to be run again although nothing happened. Rule: one wake is pending at the most; a later one than is
// needed is replaced, an earlier one is left alone.

import type { Context } from "../runtime/context.ts";

/** A wake for a time that has come already waits this long, so that no step calls itself in a loop. */
const SOONEST_MS = 50;

export class Alarm {
  readonly #ctx: Context;
  #atMs: number | null = null;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Asks for a wake at the earliest of these times. */
  set(times: readonly (number | null)[]): void {
    const wanted = times.filter((time) => time !== null);
    if (wanted.length === 0) return;
    const atMs = Math.max(Math.min(...wanted), this.#ctx.now + SOONEST_MS);
    if (this.#atMs !== null && this.#atMs <= atMs && this.#atMs > this.#ctx.now) return;
    this.#atMs = atMs;
    this.#ctx.issue({ kind: "wake", atMs }, () => {
      if (this.#atMs === atMs) this.#atMs = null;
    });
  }
}

// Who waits for a backup. Rule: each ask gets a result of its own. An ask that comes while a run is under way wants what is
// there now, which that run may have passed by: it waits for a run of its own, shared by all that came meanwhile. A watch never
// ends, so it steps aside for such a run and goes on after it.

import type { Ask, BackupMode } from "../border/asks.ts";

/** What is asked of a backup. */
export type BackupAsk = Ask & {
  readonly kind:
    | "add-root"
    | "remove-root"
    | "believe-gone"
    | "set"
    | "backup"
    | "rotate"
    | "verify"
    | "drilled"
    | "status"
    | "roots";
};

/** What a backup took, as far as it is counted. */
export interface Spent {
  readonly bytesRead: number;
  readonly bytesSent: number;
  readonly blobsSent: number;
  readonly requests: number;
}

/** An ask, and what had been spent when its run began. */
export interface Waiter {
  readonly mode: BackupMode;
  readonly since: Spent;
}

export class Asks {
  #waiting: Waiter[] = [];
  #served: Waiter[] = [];
  #watching: Waiter[] = [];

  add(mode: BackupMode, since: Spent): void {
    this.#waiting.push({ mode, since: { ...since } });
  }

  /** True when somebody asked who has no run yet. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get isWatched(): boolean {
    return this.#watching.length > 0;
  }

  /** Takes those that wait into the next run. Returns that run's mode. */
  take(since: Spent): BackupMode {
    const taken = this.#waiting.map(({ mode }): Waiter => ({ mode, since: { ...since } }));
    this.#waiting = [];
    this.#served = taken.filter(({ mode }) => mode !== "watch");
    this.#watching.push(...taken.filter(({ mode }) => mode === "watch"));
    if (this.#served.length === 0) return "watch";
    return this.#served.some(({ mode }) => mode === "once") ? "once" : "changed";
  }

  /** True when nobody asked for anything else than `mode`. */
  areAll(mode: BackupMode): boolean {
    return [...this.#watching, ...this.#served, ...this.#waiting].every((waiter) => waiter.mode === mode);
  }

  /** Takes out who asked for `mode`, whether their run has begun or not. */
  drop(mode: BackupMode): readonly Waiter[] {
    const all = [...this.#watching, ...this.#served, ...this.#waiting];
    const isOther = (waiter: Waiter): boolean => waiter.mode !== mode;
    this.#watching = this.#watching.filter(isOther);
    this.#served = this.#served.filter(isOther);
    this.#waiting = this.#waiting.filter(isOther);
    return all.filter((waiter) => !isOther(waiter));
  }

  /** What was asked so far ends with the run that is under way; who asks after this gets a run of its own. */
  joinRun(): void {
    this.#served.push(...this.#waiting.splice(0));
  }

  /** Takes out whose run has ended: who watches too when it did not end by itself, and all that are there when it failed. */
  end(how: "settled" | "stopped" | "failed"): readonly Waiter[] {
    if (how === "failed") this.joinRun();
    const ended = how === "settled" ? this.#served : [...this.#watching, ...this.#served];
    this.#served = [];
    if (how !== "settled") this.#watching = [];
    return ended;
  }
}

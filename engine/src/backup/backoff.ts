// Waiting after trouble with the server: exponential, full jitter, `Retry-After` honoured. Rule: only what brings the backup
// on ends it, so that a server of which half works is not asked in a loop: a receipt, or a blob that was not taken before. A
// compared head and an envelope end what kept us from reaching the server, and no trouble with what it is to store.

import type { Trouble } from "../peer/exchange.ts";
import { PauseNotice } from "../peer/pause-notice.ts";
import type { Context } from "../runtime/context.ts";

const BASE_MS = 1_000;
const CAP_MS = 300_000;

export class Backoff {
  readonly #notice = new PauseNotice();
  #failures = 0;
  #untilMs = 0;
  #sinceMs: number | null = null;
  #last: Trouble | null = null;
  #everWorked = false;
  /** True when what the server is to store is among the trouble. */
  #isStoring = false;

  /** The trouble that lasts, null when the last exchange worked. */
  get trouble(): Trouble | null {
    return this.#last;
  }

  /** When the next exchange may begin. */
  get untilMs(): number {
    return this.#untilMs;
  }

  isWaiting(now: number): boolean {
    // A clock that was set back must not turn seconds into days.
    return now < this.#untilMs && this.#untilMs - now <= CAP_MS * 12;
  }

  /** A run begins: an earlier one's trouble is its own only as long as the pause goes on that it brought. */
  begin(now: number): void {
    const isWaiting = this.isWaiting(now);
    this.#sinceMs = isWaiting ? now : null;
    if (!isWaiting) this.#last = null;
    if (!isWaiting) this.#isStoring = false;
    this.#everWorked = false;
  }

  worked(): void {
    this.#failures = 0;
    this.#untilMs = 0;
    this.#sinceMs = null;
    this.#last = null;
    this.#isStoring = false;
    this.#everWorked = true;
  }

  /** The server was reached, and answered. */
  reached(): void {
    if (this.#isStoring) this.#everWorked = true;
    else this.worked();
  }

  /** `what`: whether the server was asked something, or was to store something. */
  failed(ctx: Context, trouble: Trouble, what: "asking" | "storing"): void {
    this.#last = trouble;
    if (trouble.retryAfterMs !== null && trouble.failure === "peer-busy") this.#notice.show(ctx, trouble.retryAfterMs);
    this.#isStoring ||= what === "storing";
    // Times that lie far ahead are those of a clock that was set back since.
    if (this.#sinceMs === null || this.#sinceMs > ctx.now) this.#sinceMs = ctx.now;
    if (!this.isWaiting(ctx.now)) this.#untilMs = 0;
    // Several streams that break at once are one failure.
    else if (trouble.retryAfterMs === null) return;
    this.#failures += 1;
    const ceilingMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(this.#failures, 20));
    const jitterMs = ctx.entropy.below(ceilingMs + 1);
    this.#untilMs = Math.max(this.#untilMs, ctx.now + Math.max(jitterMs, trouble.retryAfterMs ?? 0));
  }

  /** When a run that must end gives up: sooner when the server was never reached in this run, or when its disk is full. */
  givesUpAtMs(): number | null {
    if (this.#sinceMs === null) return null;
    // A disk that is full is not emptied within the minute in which a line comes back.
    const mayPass = this.#everWorked && this.#last?.reason !== "server-full";
    return this.#sinceMs + (mayPass ? 60_000 : 8_000);
  }
}

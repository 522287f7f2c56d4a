// How long a conversation with a server is kept up (docs/host-api.md: hosts never retry). Rule: waiting is exponential
// with full jitter, `Retry-After` is honoured, and whoever gives up names the last trouble. All waiting together has one
// bound, by the clock that nobody sets, and no answer moves it.

import type { FailureCode } from "../border/reasons.ts";
import type { Trouble } from "../peer/exchange.ts";
import { PauseNotice } from "../peer/pause-notice.ts";
import type { Context } from "../runtime/context.ts";

const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** For how long trouble is borne before any exchange went well: a person waits in front of the screen. */
const FIRST_CONTACT_MS = 8_000;
/** For how long it is borne afterwards. */
const LATER_MS = 60_000;
/** For how long it is borne in all, also when the server asks for more time each time that it is asked. */
const IN_ALL_MS = 300_000;
/** What an exchange that went well gives back of that, so that a long restore outlives many short pauses. */
const GIVEN_BACK_MS = 10_000;

/** Trouble that time may cure; anything else ends the conversation at once. */
const PASSING: ReadonlySet<FailureCode> = new Set(["peer-unreachable", "peer-error", "peer-busy", "host-error"]);

/** Counts troubles since the last exchange that went well. All its times are of the clock that is never set. */
export class Patience {
  readonly #ctx: Context;
  readonly #notice = new PauseNotice();
  #budgetMs = FIRST_CONTACT_MS;
  /** What is left of the time for all trouble together. */
  #spareMs = IN_ALL_MS;
  /** When the trouble began, null while all is well. */
  #sinceMs: number | null = null;
  /** When the server last asked for a pause that is over, or the trouble began. */
  #ownSinceMs = 0;
  #tries = 0;
  /** How often an exchange went well; tells whether others work while one does not. */
  successes = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Says that an exchange went well: the server answered what it was asked. */
  succeeded(): void {
    const spentMs = this.#sinceMs === null ? 0 : this.#ctx.monotonicMs - this.#sinceMs;
    this.#spareMs = Math.min(IN_ALL_MS, Math.max(0, this.#spareMs - spentMs) + GIVEN_BACK_MS);
    this.successes += 1;
    this.#budgetMs = LATER_MS;
    this.#sinceMs = null;
    this.#tries = 0;
  }

  /** When to try again, in milliseconds since 1970, or null when it is time to give up. */
  nextTry(trouble: Trouble): number | null {
    const now = this.#ctx.monotonicMs;
    if (this.#sinceMs === null) {
      this.#sinceMs = now;
      this.#ownSinceMs = now;
    }
    if (!PASSING.has(trouble.failure)) return null;
    const delayMs = this.#delay(trouble, now);
    if (trouble.retryAfterMs !== null) this.#notice.show(this.#ctx, trouble.retryAfterMs);
    else if (now + delayMs - this.#ownSinceMs > this.#budgetMs) return null;
    return now + delayMs - this.#sinceMs > this.#spareMs ? null : this.#ctx.now + delayMs;
  }

  #delay(trouble: Trouble, now: number): number {
    if (trouble.retryAfterMs !== null) {
      const delayMs = trouble.retryAfterMs + this.#ctx.entropy.below(BASE_DELAY_MS);
      // The time until then is not held against what follows, but for what all trouble may take together.
      this.#ownSinceMs = Math.max(this.#ownSinceMs, now + delayMs);
      return delayMs;
    }
    const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(this.#tries, 6));
    this.#tries += 1;
    return this.#ctx.entropy.below(ceiling) + 1;
  }
}

// How long a conversation with a server is kept up (docs/host-api.md: hosts never retry). Rule: waiting is exponential
// with full jitter, `Retry-After` is honoured, and whoever gives up names the last trouble.

import type { FailureCode } from "../border/reasons.ts";
import type { Trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";

const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** For how long trouble is borne before any exchange went well: a person waits in front of the screen. */
const FIRST_CONTACT_MS = 8_000;
/** For how long it is borne afterwards. */
const LATER_MS = 60_000;

/** Trouble that time may cure; anything else ends the conversation at once. */
const PASSING: ReadonlySet<FailureCode> = new Set(["peer-unreachable", "peer-error", "peer-busy", "host-error"]);

/** Counts troubles since the last exchange that went well. */
export class Patience {
  readonly #ctx: Context;
  #budgetMs = FIRST_CONTACT_MS;
  /** When the trouble began, null while all is well. */
  #sinceMs: number | null = null;
  #tries = 0;
  /** How often an exchange went well; tells whether others work while one does not. */
  successes = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Says that an exchange went well: the server answered what it was asked. */
  succeeded(): void {
    this.successes += 1;
    this.#budgetMs = LATER_MS;
    this.#sinceMs = null;
    this.#tries = 0;
  }

  /** When to try again, in milliseconds since 1970, or null when it is time to give up. */
  nextTry(trouble: Trouble): number | null {
    const now = this.#ctx.now;
    // The host's clock may jump back; waiting then begins anew instead of never ending.
    if (this.#sinceMs === null || this.#sinceMs > now) this.#sinceMs = now;
    if (!PASSING.has(trouble.failure)) return null;
    if (trouble.retryAfterMs !== null && now - this.#sinceMs < this.#budgetMs) {
      // The server said when; the time until then is not held against it, once.
      this.#sinceMs = Math.max(this.#sinceMs, now + trouble.retryAfterMs - this.#budgetMs + BASE_DELAY_MS);
      return now + trouble.retryAfterMs + this.#ctx.entropy.below(BASE_DELAY_MS);
    }
    const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(this.#tries, 6));
    this.#tries += 1;
    const delayMs = this.#ctx.entropy.below(ceiling) + 1;
    return now + delayMs - this.#sinceMs > this.#budgetMs ? null : now + delayMs;
  }
}

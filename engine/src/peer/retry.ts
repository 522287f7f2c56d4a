// When a server is asked again, and when no more (docs/host-api.md: hosts never retry). Rule: pauses grow exponentially with
// full jitter, `Retry-After` is honoured, and who gives up names the last trouble.

import type { FailureCode } from "../border/reasons.ts";
import type { Context } from "../runtime/context.ts";
import { MAX_RETRY_AFTER_MS, type Trouble } from "./exchange.ts";

const MINUTE_MS = 60_000;
/** For how long trouble is borne before any exchange went well: a person may be waiting in front of the screen. */
const FIRST_CONTACT_MS = 8_000;
/** For how long it is borne afterwards: a line comes back within this. */
const LATER_MS = MINUTE_MS;
/** Another pause is told when it ends so much later than the one that was told last. */
const NEWS_MS = 30_000;
/** What an exchange that went well gives back of `inAllMs`, so that a long restore outlives many short pauses. */
const GIVEN_BACK_MS = 10_000;

/** What differs between who waits. */
export interface RetrySettings {
  /** The ceiling of the first pause; that of each later one is twice as high. */
  readonly firstPauseMs: number;
  /** The highest ceiling. */
  readonly maxPauseMs: number;
  /**
   * A person's ask goes by the clock that nobody sets. A run goes by the host's clock: a pause is over for a device that slept
   * through it, and a clock that was set back is found out.
   */
  readonly clock: "monotonicMs" | "now";
  /** For how long trouble is borne in all when the pauses that a server asks for do not count; null: they count. */
  readonly inAllMs: number | null;
  /** Trouble that time may cure; null: whoever asks decides. */
  readonly passing: ReadonlySet<FailureCode> | null;
}

/** A backup, which tries again later and in later runs. */
export const RUN: RetrySettings = {
  firstPauseMs: 2_000,
  maxPauseMs: 5 * MINUTE_MS,
  clock: "now",
  inAllMs: null,
  passing: null,
};

/** A pairing or a restore, for which a person waits. */
export const PERSON: RetrySettings = {
  firstPauseMs: 1_000,
  maxPauseMs: MINUTE_MS,
  clock: "monotonicMs",
  inAllMs: 5 * MINUTE_MS,
  passing: new Set<FailureCode>(["peer-unreachable", "peer-error", "peer-busy", "host-error"]),
};

export class RetryPolicy {
  readonly #settings: RetrySettings;
  #failures = 0;
  #untilMs = 0;
  /** When the trouble began; null while all is well. */
  #sinceMs: number | null = null;
  /** When the last pause ends that the server asked for. */
  #askedUntilMs = 0;
  #spareMs: number;
  #last: Trouble | null = null;
  #everSucceeded = false;
  /** True when what the server is to store is among the trouble. */
  #isStoring = false;
  #toldUntilMs = 0;
  /** How often an exchange went well; tells whether others go well while one does not. */
  successes = 0;

  constructor(settings: RetrySettings) {
    this.#settings = settings;
    this.#spareMs = settings.inAllMs ?? 0;
  }

  /** The trouble that lasts, null when the last exchange went well. */
  get trouble(): Trouble | null {
    return this.#last;
  }

  /** When the next exchange may begin, by the clock of the settings. */
  get untilMs(): number {
    return this.#untilMs;
  }

  isWaiting(now: number): boolean {
    // A clock that was set back must not turn seconds into days.
    return now < this.#untilMs && this.#untilMs - now <= MAX_RETRY_AFTER_MS;
  }

  /** A run begins: an earlier one's trouble is its own only as long as the pause goes on that it brought. */
  begin(now: number): void {
    const isWaiting = this.isWaiting(now);
    this.#sinceMs = isWaiting ? now : null;
    if (!isWaiting) this.#last = null;
    if (!isWaiting) this.#isStoring = false;
    this.#everSucceeded = false;
  }

  /**
   * An exchange went well. For a run that is only what brings it on, a receipt or a blob that was not taken before, so that a
   * server of which half works is not asked in a loop.
   */
  succeeded(): void {
    const { inAllMs } = this.#settings;
    const spentMs = this.#sinceMs === null ? 0 : Math.max(0, this.#untilMs - this.#sinceMs);
    if (inAllMs !== null) this.#spareMs = Math.min(inAllMs, Math.max(0, this.#spareMs - spentMs) + GIVEN_BACK_MS);
    this.successes += 1;
    this.#failures = 0;
    this.#untilMs = 0;
    this.#askedUntilMs = 0;
    this.#sinceMs = null;
    this.#last = null;
    this.#isStoring = false;
    this.#everSucceeded = true;
  }

  /** The server was reached, and answered: that ends what kept us from it, and no trouble with what it is to store. */
  reached(): void {
    if (this.#isStoring) this.#everSucceeded = true;
    else this.succeeded();
  }

  /** `what`: whether the server was asked something, or was to store something. */
  failed(ctx: Context, trouble: Trouble, what: "asking" | "storing"): void {
    const { clock, passing, firstPauseMs, maxPauseMs } = this.#settings;
    const { failure, retryAfterMs } = trouble;
    const now = ctx[clock];
    this.#last = trouble;
    const isAPause = passing?.has(failure) ?? failure === "peer-busy";
    if (retryAfterMs !== null && isAPause) this.#tellPause(ctx, retryAfterMs);
    this.#isStoring ||= what === "storing";
    // Times that lie far ahead are those of a clock that was set back since.
    if (this.#sinceMs === null || this.#sinceMs > now) this.#sinceMs = now;
    if (!this.isWaiting(now)) this.#untilMs = 0;
    // Several streams that break at once are one failure.
    else if (retryAfterMs === null) return;
    const ceilingMs = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    const jitterMs = ctx.entropy.below(ceilingMs + 1);
    this.#untilMs = Math.max(this.#untilMs, now + Math.max(jitterMs, retryAfterMs ?? 0));
    if (retryAfterMs !== null) this.#askedUntilMs = this.#untilMs;
  }

  /** After trouble: when to ask again, in milliseconds since 1970, or null when it is time to give up. */
  nextTryMs(ctx: Context, trouble: Trouble): number | null {
    this.failed(ctx, trouble, "asking");
    const { passing, clock } = this.#settings;
    const givesUpAtMs = this.givesUpAtMs();
    if (passing?.has(trouble.failure) === false || (givesUpAtMs !== null && this.#untilMs > givesUpAtMs)) return null;
    return ctx.now + this.#untilMs - ctx[clock];
  }

  /** When who waits gives up: sooner when the server was never reached, or when its disk is full. */
  givesUpAtMs(): number | null {
    if (this.#sinceMs === null) return null;
    // A disk that is full is not emptied within the minute in which a line comes back.
    const mayPass = this.#everSucceeded && this.#last?.reason !== "server-full";
    const budgetMs = mayPass ? LATER_MS : FIRST_CONTACT_MS;
    if (this.#settings.inAllMs === null) return this.#sinceMs + budgetMs;
    return Math.min(Math.max(this.#sinceMs, this.#askedUntilMs) + budgetMs, this.#sinceMs + this.#spareMs);
  }

  /** Who waits in front of a screen is told of a pause at once, and again only when its end has moved on. */
  #tellPause(ctx: Context, retryAfterMs: number): void {
    const untilMs = ctx.now + retryAfterMs;
    if (Math.abs(untilMs - this.#toldUntilMs) < NEWS_MS) return;
    this.#toldUntilMs = untilMs;
    ctx.show({ kind: "notice", code: "server-asks-to-wait", untilMs });
  }
}

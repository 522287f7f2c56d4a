// The least rate of a body that comes in (docs/host-api.md H-35). Rule: a byte now and then is no progress; what takes longer
// than any real link would is silence.

/** How long a body is looked at before it is judged, and again from there. */
export const SPAN_MS = 30_000;
/** What even the worst of links brings in that time. */
export const SPAN_BYTES = 4_096;

/** Watches one body, by a clock that only goes forward. */
export class LeastRate {
  #spanBeganMs: number;
  #bytes = 0;

  constructor(nowMs: number) {
    this.#spanBeganMs = nowMs;
  }

  took(bytes: number): void {
    this.#bytes += bytes;
  }

  /** True when the span that is over now brought too little. */
  isTooSlow(nowMs: number): boolean {
    if (nowMs - this.#spanBeganMs < SPAN_MS) return false;
    const isTooSlow = this.#bytes < SPAN_BYTES;
    this.#spanBeganMs = nowMs;
    this.#bytes = 0;
    return isTooSlow;
  }
}

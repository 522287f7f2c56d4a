// A warning before the disk is full. Rule: pure; said when little room is left, again each day, and once when there is room again.

/** Below this part of the disk little is left; a tenth more than that is room again. */
const LOW_SHARE = 0.05;
const ENOUGH_SHARE = 0.055;
const AGAIN_MS = 24 * 60 * 60_000;

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export class DiskWarning {
  #saidMs: number | null = null;

  /** What is to be said of the room at `nowMs` of a clock that is never set, or null. */
  judge({ freeBytes, totalBytes }: Space, nowMs: number): "low" | "enough" | null {
    const share = freeBytes / totalBytes;
    if (this.#saidMs !== null && share >= ENOUGH_SHARE) {
      this.#saidMs = null;
      return "enough";
    }
    const isSaid = this.#saidMs !== null && nowMs - this.#saidMs < AGAIN_MS;
    if (share >= LOW_SHARE || isSaid) return null;
    this.#saidMs = nowMs;
    return "low";
  }
}

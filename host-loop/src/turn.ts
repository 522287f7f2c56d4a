// How long work on files and keys keeps the thread. Rule: whoever loops asks here after each piece, so that exchanges go on
// while a large file is read.

import { CancelledEffect } from "./host-fault.ts";
import type { LoopPorts } from "./runtime-parts.ts";

const TURN_MS = 3;

/** One effect's use of the thread. */
export class Turn {
  readonly #signal: AbortSignal;
  readonly #schedule: LoopPorts["schedule"];
  #beganMs = performance.now();

  constructor(signal: AbortSignal, schedule: LoopPorts["schedule"]) {
    this.#signal = signal;
    this.#schedule = schedule;
  }

  /** Whether the others should have the thread now. */
  isOver(): boolean {
    return performance.now() - this.#beganMs > TURN_MS;
  }

  /** Lets the others work. Throws CancelledEffect once the effect was cancelled. */
  async pass(): Promise<void> {
    await new Promise<void>((resolve) => this.#schedule(resolve));
    if (this.#signal.aborted) throw new CancelledEffect("cancelled");
    this.#beganMs = performance.now();
  }
}

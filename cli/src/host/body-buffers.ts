// The buffers in which bodies are built and received. Rule: a body's memory is used again, never left to the collector; what
// waits for a buffer waits here.

/** The largest body (docs/host-api.md H-22), and the size of every buffer: pages that are never touched cost nothing. */
export const BODY_BYTES = 8 * 1024 * 1024;

/** More bodies than this at once wait: the engine's width is below it, and this keeps memory bounded if it were not. */
const MOST_BODIES = 4;

/** A pool of buffers of `BODY_BYTES`. */
export class BodyBuffers {
  readonly #free: Buffer[] = [];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];
  #made = 0;

  /** Runs `work` with a buffer of its own, whose content is arbitrary. */
  async use<T>(work: (buffer: Buffer) => Promise<T>): Promise<T> {
    const buffer = await this.#take();
    try {
      return await work(buffer);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(buffer);
      else next(buffer);
    }
  }

  #take(): Buffer | Promise<Buffer> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made < MOST_BODIES) {
      this.#made++;
      return Buffer.allocUnsafeSlow(BODY_BYTES);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

// One after the other: the work that fills the thread. Rule: it runs in the order in which it came, since two bodies built by
// turns are both late, and a chunk must be sealed before newer ones take its memory.

/** A queue with one place at its head. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything before it has ended, well or badly. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

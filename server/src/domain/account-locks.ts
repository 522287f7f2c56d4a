// One change at a time for each account (P-71). Rule: a lock is held over the check, the object and the rows.

/** Runs work one after the other for each key, in the order of the calls. */
export class AccountLocks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` when everything that was handed in before under this key has ended. */
  async hold<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const running = before.then(work, work);
    const tail = running.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, tail);
    try {
      return await running;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

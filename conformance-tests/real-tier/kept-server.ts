// A server that is killed and started again at the same address. Rule: it may end by our hand only.

import type { Child } from "../end-to-end/child.ts";
import { startServerChild } from "../end-to-end/server-process.ts";
import type { FaultCount } from "./fault-count.ts";
import type { ServerPlace } from "./server-place.ts";

export class KeptServer {
  readonly #place: ServerPlace;
  readonly #count: FaultCount;
  #child: Child | null = null;
  #port = 0;
  /** Kills and starts, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #ownEnds: string[] = [];

  constructor(place: ServerPlace, count: FaultCount) {
    this.#place = place;
    this.#count = count;
  }

  get port(): number {
    return this.#port;
  }

  /** Starts it; an Error when it does not come to listen. */
  start(): Promise<void> {
    return this.#then(() => this.#start());
  }

  /** Kills it and starts it again, after having killed it `early` times a moment after it was started. */
  bounce(earlyMs: readonly number[]): Promise<void> {
    return this.#then(async () => {
      await this.#kill();
      this.#count.add("server killed");
      for (const ms of earlyMs) {
        const child = this.#launch();
        const timer = setTimeout(() => child.signal("SIGKILL"), ms);
        const { signal, code, stderr } = await child.ended;
        clearTimeout(timer);
        if (signal !== "SIGKILL") this.#ownEnds.push(`${code} ${stderr}`);
        this.#count.add("server killed while it started");
      }
      await this.#start();
    });
  }

  /** Starts it again, so that it knows of other options. */
  restart(): Promise<void> {
    return this.#then(async () => {
      await this.#kill();
      await this.#start();
    });
  }

  /** Resolves when all that was asked for is done; an Error when it ended by itself or broke an invariant. */
  async settle(): Promise<void> {
    await this.#work;
    const [end] = this.#ownEnds;
    if (end !== undefined) throw new Error(`the server ended by itself: ${end}`);
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work);
    // Who settles is told; an attempt that is under way must not end the program.
    this.#work.catch(() => undefined);
    return this.#work;
  }

  async #start(): Promise<void> {
    const child = this.#launch();
    this.#child = child;
    const line = await child.line("it listened", (text) => text.includes('"msg":"listening"'));
    this.#port = Number(new URL(String(JSON.parse(line).url)).port);
    void child.ended.then(({ code, signal, stderr }) => {
      if (this.#child === child) this.#ownEnds.push(`${signal ?? code} ${stderr}`);
    });
  }

  async #kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    await child?.stop("SIGKILL");
  }

  #launch(): Child {
    return startServerChild({ data: this.#place.folder, port: this.#port, options: this.#place.options });
  }
}

// A connection to one server: exchanges, one by one or tried again as the retry policy says. Rule: a flow that asks gets the body
// of a success, or one error; it never sees an exchange that may still work.

import type { ServerAddress } from "../border/transfers.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { classify, type Exchange, PeerTrouble, type Trouble } from "./exchange.ts";
import { refusalOf } from "./failures.ts";
import { PERSON, RetryPolicy } from "./retry.ts";
import { PERSON_TIMEOUT_MS } from "./timeouts.ts";

/** What is asked; `json` is the body, absent for none. */
export interface Question {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly bearer?: string;
  readonly json?: unknown;
}

/** One exchange, and what the server meant. */
export function* exchange(server: ServerAddress, question: Question, timeoutMs: number): Flow<Exchange> {
  return classify(yield* perform({ kind: "request", server, timeoutMs, ...question }));
}

/** A connection that a person waits for. */
export class Connection {
  readonly server: ServerAddress;
  readonly retry: RetryPolicy = new RetryPolicy(PERSON);
  readonly #ctx: Context;
  /** Exchanges so far, those that failed included. */
  requests = 0;

  constructor(ctx: Context, server: ServerAddress) {
    this.server = server;
    this.#ctx = ctx;
  }

  /** When to try again after trouble; null when it is time to give up. */
  nextTryMs(trouble: Trouble): number | null {
    return this.retry.nextTryMs(this.#ctx, trouble);
  }

  /** The body of the server's success. Throws `Refused` for a problem, and `PeerTrouble` when it is time to give up. */
  *ask(question: Question): Flow<string | null> {
    for (;;) {
      this.requests += 1;
      const met = yield* exchange(this.server, question, PERSON_TIMEOUT_MS);
      if (met.kind === "trouble") {
        yield* this.pause(met);
        continue;
      }
      this.retry.succeeded();
      if (met.kind === "ok") return met.body;
      throw refusalOf(met);
    }
  }

  /** Waits until the exchange may be tried again; throws `PeerTrouble` when it is time to give up. */
  *pause(trouble: Trouble): Flow<void> {
    const atMs = this.nextTryMs(trouble);
    if (atMs === null) throw new PeerTrouble(trouble);
    yield* perform({ kind: "wake", atMs });
  }
}

// A line to one server: small requests, tried again as long as patience lasts. Rule: a flow that asks over a line gets
// the body of a success, or one error; it never sees an exchange that may still work.

import type { ServerAddress } from "../border/transfers.ts";
import { classify, PeerTrouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { Refused } from "./failures.ts";
import { Patience } from "./patience.ts";

const TIMEOUT_MS = 30_000;

/** What is asked; `json` is the body, absent for none. */
export interface Question {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly bearer?: string;
  readonly json?: unknown;
}

export class Line {
  readonly server: ServerAddress;
  readonly patience: Patience;
  /** Exchanges so far, those that failed included. */
  requests = 0;

  constructor(ctx: Context, server: ServerAddress) {
    this.server = server;
    this.patience = new Patience(ctx);
  }

  /** The body of the server's success. Throws `Refused` for a problem, and `PeerTrouble` when patience ends. */
  *ask(question: Question): Flow<string | null> {
    for (;;) {
      this.requests += 1;
      const answer = yield* perform({
        kind: "request",
        server: this.server,
        timeoutMs: TIMEOUT_MS,
        ...question,
      });
      const exchange = classify(answer);
      switch (exchange.kind) {
        case "ok":
          this.patience.succeeded();
          return exchange.body;
        case "unauthorized":
          this.patience.succeeded();
          throw new Refused("unauthorized", {});
        case "too-large":
          this.patience.succeeded();
          throw new Refused("body-too-large", {});
        case "altered":
          this.patience.succeeded();
          throw new Refused("not-the-named-bytes", {});
        case "problem":
          this.patience.succeeded();
          throw new Refused(exchange.code, exchange.body);
        case "trouble": {
          const atMs = this.patience.nextTry(exchange);
          if (atMs === null) throw new PeerTrouble(exchange);
          yield* perform({ kind: "wake", atMs });
        }
      }
    }
  }
}

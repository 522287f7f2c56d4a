// Decides which requests of a process that is gone still reach the server. Rule: while nobody decides, all do.

import {
  type HttpRequest,
  type HttpResponse,
  htmlResponse,
  type VirtualServer,
} from "../scripted-host/http-exchange.ts";

export class Arrivals implements VirtualServer {
  readonly #server: VirtualServer;
  #arriving: ReadonlySet<number> | null = null;
  #count = 0;

  constructor(server: VirtualServer) {
    this.#server = server;
  }

  /** Of the requests under way only those with these numbers arrive, counted from 0 in the order of their arrival. */
  choose(numbers: ReadonlySet<number>): void {
    this.#arriving = numbers;
    this.#count = 0;
  }

  /** All arrive again. Returns how many were under way. */
  release(): number {
    this.#arriving = null;
    return this.#count;
  }

  handle(request: HttpRequest): HttpResponse {
    const isLost = this.#arriving !== null && !this.#arriving.has(this.#count++);
    // Nobody is there any more who could take this for an answer.
    return isLost ? htmlResponse(503) : this.#server.handle(request);
  }
}

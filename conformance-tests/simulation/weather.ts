// The network of a story: which exchange meets which trouble, and what is watched on the way. Rule: drawn from the story's own
// stream, so that the same seed meets the same trouble.

import { forgeReceipt } from "../scripted-host/hostile-server.ts";
import { type HttpRequest, type HttpResponse, htmlResponse } from "../scripted-host/http-exchange.ts";
import type { MemoryServer } from "../scripted-host/memory-server.ts";
import type { SeededRandom } from "../scripted-host/seeded-random.ts";
import type { LinkFault } from "../scripted-host/virtual-link.ts";
import { Broken } from "./broken.ts";
import { type FaultCounts, LINK_FAULTS, type LinkFaultKind } from "./fault-kinds.ts";

const STATUSES = [
  400, 401, 403, 404, 408, 409, 413, 415, 418, 422, 425, 429, 500, 501, 502, 503, 504, 507, 599, 302, 204,
];

const STORED: readonly string[] = ["blobs", "records", "epochs"];

export class Weather {
  readonly rates = new Map<LinkFaultKind, number>();
  readonly counts: FaultCounts;
  /** Why nothing may be sent now, or null. */
  forbidden: () => boolean = () => false;
  onRequest: (request: HttpRequest) => void = () => {};
  /** The server has something that it had not before. */
  onStored: () => void = () => {};
  /** One in so many accepted requests is asked again at once. */
  repeatOneIn = 8;
  /** Blobs that came although they were there already. */
  repeatedBlobs = 0;
  requests = 0;
  /** Exchanges that went wrong on the way. */
  troubles = 0;
  /** What the server last answered to something of a kind that was stored. */
  readonly #answers = new Map<string, HttpResponse>();
  /** What a liar of this story lies about; null before the first lie. */
  #liesAbout: readonly string[] | null = null;
  readonly #random: SeededRandom;
  readonly #server: MemoryServer;

  constructor(random: SeededRandom, server: MemoryServer, counts: FaultCounts) {
    this.#random = random;
    this.#server = server;
    this.counts = counts;
  }

  /** Decides what happens to one exchange. */
  readonly faultOf = (request: HttpRequest): LinkFault | null => {
    this.requests++;
    if (this.forbidden()) throw new Broken("forbidden-network", `${request.method} while nothing may be sent`);
    this.onRequest(request);
    for (const kind of LINK_FAULTS) {
      const rate = this.rates.get(kind) ?? 0;
      if (rate === 0 || !this.#random.chance(rate)) continue;
      const fault = this.#make(kind, request);
      if (fault === null) continue;
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      this.troubles++;
      return fault;
    }
    return null;
  };

  /** The server, watched: a request that is repeated at once must change nothing more. */
  readonly handle = (request: HttpRequest): HttpResponse => {
    const isPut = request.method === "PUT";
    const before = isPut ? this.#size() : "";
    const response = this.#server.handle(request);
    if (!isPut || response.status >= 300) return response;
    const kind = kindOf(request);
    if (kind !== null) this.#answers.set(kind, response);
    const after = this.#size();
    if (before !== after) this.onStored();
    else if (request.path.startsWith("/v1/blobs/")) this.repeatedBlobs++;
    if (!this.#random.chance(1 / this.repeatOneIn)) return response;
    // An overloaded server may refuse the second one before it looks.
    const { refuse } = this.#server;
    this.#server.refuse = () => null;
    const again = this.#server.handle(request);
    this.#server.refuse = refuse;
    if (again.status >= 300 || this.#size() !== after) {
      throw new Broken("repeatable", `${request.method} again gave ${again.status}`);
    }
    return response;
  };

  /** What the server answered is not given again: it has lost what it answered to. */
  forgetAnswers(): void {
    this.#answers.clear();
  }

  #make(kind: LinkFaultKind, request: HttpRequest): LinkFault | null {
    switch (kind) {
      case "lost-before":
      case "lost-after":
        return { kind };
      case "duplicate":
        return { kind, delayMs: this.#delayMs() };
      case "late":
        return { kind: "delay", delayMs: this.#delayMs() };
      case "silence":
        return { kind, handled: this.#random.chance(0.5) };
      case "http-error": {
        const wait = this.#random.chance(0.2) ? { "retry-after": `${this.#random.below(120)}` } : {};
        return { kind: "answer", response: htmlResponse(this.#random.pick(STATUSES), wait) };
      }
      case "portal":
        return { kind: "answer", response: htmlResponse(this.#random.pick([200, 200, 201])) };
      case "false-answer": {
        const response = this.#lie(request);
        return response === null ? null : { kind: "answer", response };
      }
    }
  }

  /** What a liar answers to something that the server never sees; null where it has nothing to say. */
  #lie(request: HttpRequest): HttpResponse | null {
    const kind = kindOf(request);
    this.#liesAbout ??= this.#random.pick([STORED, ...STORED.map((one) => [one])]);
    if (kind === null || !this.#liesAbout.includes(kind)) return null;
    const isForged = kind === "records" && request.body !== null && this.#random.chance(0.5);
    return isForged ? forgeReceipt(this.#server, request.body) : (this.#answers.get(kind) ?? null);
  }

  /** Up to two days, evenly over the orders of magnitude. */
  #delayMs(): number {
    return Math.floor(10 ** (this.#random.below(820) / 100));
  }

  #size(): string {
    const sizes: number[] = [];
    for (const account of this.#server.state.accounts.values()) {
      sizes.push(account.blobs.size, account.bases.size);
      for (const log of account.devices.values()) sizes.push(log.records.length, log.envelopes.size);
    }
    return sizes.join();
  }
}

/** What is to be stored, without the numbers and names in the path; null for what has one answer only. */
function kindOf({ method, path }: HttpRequest): string | null {
  return method === "PUT" ? (path.split("/").find((part) => STORED.includes(part)) ?? null) : null;
}

// The way from one host to its servers: bandwidth, latency and what gets lost on it, in virtual time. Rule: transfers of
// one direction stand in line, so that parallel ones share what there is.

import type { NoAnswer, NoAnswerReason } from "../../engine/src/border/answers.ts";
import type { ServerAddress } from "../../engine/src/border/transfers.ts";
import { type HttpRequest, type HttpResponse, htmlResponse, type VirtualServer } from "./http-exchange.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What happens to one exchange. */
export type LinkFault =
  /** Nothing gets through, and the host knows why. */
  | { readonly kind: "no-answer"; readonly reason: NoAnswerReason }
  /** Breaks off before the server has all of it. */
  | { readonly kind: "lost-before" }
  /** The server acts, its answer breaks off. */
  | { readonly kind: "lost-after" }
  /** Nothing comes back until the time is over; the server acted or not. */
  | { readonly kind: "silence"; readonly handled: boolean }
  /** Something on the way answers instead. */
  | { readonly kind: "answer"; readonly response: HttpResponse }
  /** The server gets it `delayMs` later, even when nobody waits any more. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** The server gets it again after `delayMs`; that answer goes nowhere. */
  | { readonly kind: "duplicate"; readonly delayMs: number };

export type LinkOutcome =
  | { readonly kind: "answered"; readonly response: HttpResponse; readonly elapsedMs: number }
  | NoAnswer;

/** One exchange as it went; `status` is null without an answer. */
export interface LinkEntry {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly sentBytes: number;
  readonly status: number | null;
}

/** A server at an origin; `pin` is the hex SHA-256 of its SPKI, `trusted` whether system trust accepts it. */
export interface Route {
  readonly server: VirtualServer;
  readonly pin: string;
  readonly trusted: boolean;
}

/** What request and response lines and headers cost, about. */
const HEADER_BYTES = 400;

export class VirtualLink {
  upBytesPerS = 50_000_000;
  downBytesPerS = 50_000_000;
  /** One way. */
  latencyMs = 1;
  /** Part of the exchanges that break off, from 0 to 1. */
  failureRate = 0;
  /** What a proxy on the way lets through; larger bodies are its 413. */
  proxyLimitBytes: number = Number.POSITIVE_INFINITY;
  up = true;
  /** Decides what happens to an exchange, before `failureRate` does. `number` counts from 0. */
  faultOf: (request: HttpRequest, number: number) => LinkFault | null = () => null;
  /** Every exchange that ended, in order. */
  readonly exchanges: LinkEntry[] = [];
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #routes = new Map<string, Route>();
  #count = 0;
  #upFreeAtMs = 0;
  #downFreeAtMs = 0;

  constructor(clock: VirtualClock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** From now on `url` leads to this server. */
  connect(url: string, route: Route): void {
    this.#routes.set(url, route);
  }

  /** Carries one exchange; `finish` is called once, later, unless the returned function is called before. */
  send(
    to: ServerAddress,
    request: HttpRequest,
    timeoutMs: number,
    rateBytesPerS: number | undefined,
    finish: (outcome: LinkOutcome) => void,
  ): () => void {
    const startMs = this.#clock.nowMs;
    const deadlineMs = startMs + timeoutMs;
    const sentBytes = request.body?.length ?? 0;
    let open = true;
    const conclude = (outcome: LinkOutcome): void => {
      if (!open) return;
      close();
      const status = outcome.kind === "answered" ? outcome.response.status : null;
      this.exchanges.push({ atMs: startMs, method: request.method, path: request.path, sentBytes, status });
      finish(outcome);
    };
    const end = (atMs: number, outcome: LinkOutcome): void => {
      this.#clock.schedule(Math.min(atMs, deadlineMs), () => conclude(outcome));
    };
    const deadline = this.#clock.schedule(deadlineMs, () => conclude({ kind: "no-answer", reason: "timeout" }));
    const close = (): void => {
      open = false;
      deadline.cancel();
    };

    const refusal = this.#refuse(to);
    const fault = refusal ?? this.faultOf(request, this.#count++) ?? this.#drawFault();
    if (fault?.kind === "no-answer") {
      if (fault.reason !== "timeout") end(startMs + this.latencyMs, fault);
      return close;
    }
    const sendsUntilMs = this.#occupyUp(sentBytes + HEADER_BYTES, deadlineMs, rateBytesPerS);
    if (fault?.kind === "lost-before") {
      end(startMs + (sendsUntilMs - startMs) / 2 + this.latencyMs, reset());
      return close;
    }
    const arrivesAtMs = sendsUntilMs + this.latencyMs;
    if (arrivesAtMs > deadlineMs && fault?.kind !== "delay") return close;
    if (fault?.kind === "silence" && !fault.handled) return close;

    const server = (this.#routes.get(to.url) as Route).server;
    const actsAtMs = arrivesAtMs + (fault?.kind === "delay" ? fault.delayMs : 0);
    this.#clock.schedule(actsAtMs, () => {
      const response = this.#respond(server, request, fault);
      if (fault?.kind === "duplicate") this.#clock.schedule(actsAtMs + fault.delayMs, () => server.handle(request));
      if (fault?.kind === "silence") return;
      if (fault?.kind === "lost-after") {
        end(actsAtMs + this.latencyMs, reset());
        return;
      }
      const backAtMs = this.#occupyDown(response.body.length + HEADER_BYTES) + this.latencyMs;
      if (backAtMs <= deadlineMs)
        end(backAtMs, { kind: "answered", response, elapsedMs: Math.ceil(backAtMs) - startMs });
    });
    return close;
  }

  #respond(server: VirtualServer, request: HttpRequest, fault: LinkFault | null): HttpResponse {
    if (fault?.kind === "answer") return fault.response;
    if ((request.body?.length ?? 0) > this.proxyLimitBytes) return htmlResponse(413);
    return server.handle(request);
  }

  #refuse({ url, pin }: ServerAddress): LinkFault | null {
    const route = this.#routes.get(url);
    if (!this.up || route === undefined) return { kind: "no-answer", reason: "unreachable" };
    if (pin === undefined) return route.trusted ? null : { kind: "no-answer", reason: "tls" };
    return pin === route.pin ? null : { kind: "no-answer", reason: "pin" };
  }

  #drawFault(): LinkFault | null {
    if (this.failureRate === 0 || !this.#random.chance(this.failureRate)) return null;
    return this.#random.chance(0.5) ? { kind: "lost-before" } : { kind: "lost-after" };
  }

  /** When the last byte leaves; what would leave after the deadline frees the line then. */
  #occupyUp(bytes: number, deadlineMs: number, rateBytesPerS: number | undefined): number {
    const startMs = Math.max(this.#clock.nowMs, this.#upFreeAtMs);
    const endMs = startMs + (bytes * 1_000) / this.upBytesPerS;
    this.#upFreeAtMs = Math.min(endMs, Math.max(startMs, deadlineMs));
    if (rateBytesPerS === undefined) return endMs;
    return Math.max(endMs, this.#clock.nowMs + (bytes * 1_000) / rateBytesPerS);
  }

  #occupyDown(bytes: number): number {
    const startMs = Math.max(this.#clock.nowMs, this.#downFreeAtMs);
    this.#downFreeAtMs = startMs + (bytes * 1_000) / this.downBytesPerS;
    return this.#downFreeAtMs;
  }
}

function reset(): NoAnswer {
  return { kind: "no-answer", reason: "reset" };
}

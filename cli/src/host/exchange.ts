// One HTTP exchange (docs/host-api.md §3, "response" and "no-answer"). Rule: one question gives one answer; whatever came
// back with a status is a response, and everything else is a no-answer with its reason.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { NoAnswer, NoAnswerReason, ServerAddress } from "coffre-engine";
import { CancelledEffect, checkCancelled, RefusedEffect } from "../../../host-loop/src/index.ts";
import { type Connections, type Route, TlsRefused, WrongPin } from "./connections.ts";
import { LeastRate } from "./least-rate.ts";
import { releaseLater } from "./release.ts";
import { errnoOf } from "./system-error.ts";

/** What goes out. */
export interface Question {
  readonly server: ServerAddress;
  readonly method: string;
  readonly path: string;
  readonly bearer?: string | undefined;
  readonly headers?: OutgoingHttpHeaders;
  /** null sends none. Not changed while the exchange runs. */
  readonly body: Uint8Array | null;
  /** The longest time without progress, either way. */
  readonly timeoutMs: number;
  /** The body's pace; undefined sends as fast as it goes. */
  readonly rateBytesPerS?: number | undefined;
}

/** What a local server answers. */
export interface LocalAnswer {
  readonly status: number;
  readonly headers: { readonly "content-type"?: string; readonly "content-range"?: string };
  readonly body: Buffer;
}

/** Answers in a server's place, without a network. */
export type LocalServer = (question: Question) => LocalAnswer;

/** Takes a response's body. */
export interface Receiver {
  /** Called once, before any byte: how many bytes of the body are wanted, and whether more is `too-large` or is dropped. */
  begin(
    status: number,
    headers: IncomingMessage["headers"],
  ): { readonly most: number; readonly beyond: "refuse" | "drop" };
  take(bytes: Buffer): void;
}

/** The head of a response. */
export interface Exchanged {
  readonly kind: "exchanged";
  readonly status: number;
  readonly headers: { "content-type"?: string; "retry-after"?: string; etag?: string };
  /** From the first byte out, or the wish to connect, to the last byte in. */
  readonly elapsedMs: number;
}

/** A body goes out in slices: each that left is progress, and between two of them an early answer is seen. */
const FIRST_SLICE_BYTES = 65_536;
/** Other work has the thread between two slices, so small ones would leave a fast link idle. */
const LAST_SLICE_BYTES = 2_097_152;
/** Who refuses a body early has done so by now; slices grow from here on. */
const PROBE_BYTES = 1_048_576;
const QUICK_MS = 50;
/** A paced body goes out in slices of this part of a second. */
const PACE_PARTS = 8;
/** Below it there is no status (RFC 9110 §15), though the parser takes it. */
const LEAST_STATUS = 100;
const REPLAYABLE = new Set(["GET", "PUT"]);
const UNREACHABLE = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
]);

/** Carries out one exchange. Throws CancelledEffect when `signal` is aborted, RefusedEffect when it cannot be asked. */
export async function exchange(
  connections: Connections,
  question: Question,
  receiver: Receiver,
  signal: AbortSignal,
): Promise<Exchanged | NoAnswer> {
  checkCancelled(signal);
  // Whatever stands between here and the server may take another text for the name of another one.
  if (!question.path.startsWith("/")) throw new RefusedEffect("expected a path of an origin");
  if (connections.local !== null) return exchangeLocally(connections.local(question), receiver);
  const first = await new OneExchange(question, receiver, signal).run(connections.routeTo(question.server, "kept"));
  if (first !== "stale") return first;
  // The server had closed a kept connection before our bytes came: for HTTP nothing was asked yet (RFC 9112 §9.3.1).
  const second = await new OneExchange(question, receiver, signal).run(connections.routeTo(question.server, "fresh"));
  return second === "stale" ? { kind: "no-answer", reason: "reset" } : second;
}

function exchangeLocally({ status, headers, body }: LocalAnswer, receiver: Receiver): Exchanged | NoAnswer {
  const { most, beyond } = receiver.begin(status, headers);
  if (body.length > most && beyond === "refuse") return { kind: "no-answer", reason: "too-large" };
  receiver.take(body.subarray(0, most));
  const type = headers["content-type"];
  return { kind: "exchanged", status, headers: type === undefined ? {} : { "content-type": type }, elapsedMs: 0 };
}

type End = Exchanged | NoAnswer | "stale";

class OneExchange {
  readonly #question: Question;
  readonly #receiver: Receiver;
  readonly #signal: AbortSignal;
  readonly #beganMs = performance.now();
  #progressMs = this.#beganMs;
  #settle: (end: End | Error) => void = () => {};
  #request: ClientRequest | null = null;
  #responding = false;
  /** Of the answer's body, from its beginning on. */
  #rate: LeastRate | null = null;
  #sentBytes = 0;

  constructor(question: Question, receiver: Receiver, signal: AbortSignal) {
    this.#question = question;
    this.#receiver = receiver;
    this.#signal = signal;
  }

  run({ url, agent, request }: Route): Promise<End> {
    const { method, path, bearer, headers, body } = this.#question;
    return new Promise((resolve, reject) => {
      // Throws at what no request can carry; nothing waits for it then.
      const sending = request({
        agent,
        protocol: url.protocol,
        hostname: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port,
        method,
        path,
        headers: {
          ...headers,
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
          ...(body === null ? {} : { "content-length": body.length }),
        },
      });
      this.#request = sending;
      let pacing: NodeJS.Timeout | undefined;
      const watchdog = setInterval(() => this.#checkProgress(), Math.min(1_000, this.#question.timeoutMs / 4));
      const cancel = (): void => this.#settle(new CancelledEffect("cancelled"));
      this.#settle = (end) => {
        this.#settle = () => {};
        clearInterval(watchdog);
        clearTimeout(pacing);
        this.#signal.removeEventListener("abort", cancel);
        if (end instanceof Error) reject(end);
        else resolve(end);
        // An exchange that ended with both sides at their end has given its socket back already; this drops the others.
        if (end instanceof Error || end === "stale" || end.kind === "no-answer" || this.#isSending()) {
          sending.destroy();
        }
      };
      this.#signal.addEventListener("abort", cancel, { once: true });
      sending.on("error", (error) => this.#settle(this.#classify(error, sending)));
      sending.on("response", (response) => this.#receive(response));
      sending.on("close", () => this.#settle(this.#classify(new Error("closed"), sending)));
      const wait = (ms: number, next: () => void): void => {
        pacing = setTimeout(next, ms);
      };
      if (body === null) sending.end();
      else sending.once("socket", (socket) => onceConnected(socket, () => this.#send(sending, body, wait)));
    });
  }

  #isSending(): boolean {
    return this.#sentBytes < (this.#question.body?.length ?? 0);
  }

  /** Sends the body slice by slice, until it is out or an answer begins; each slice that left is progress. */
  #send(sending: ClientRequest, body: Uint8Array, wait: (ms: number, next: () => void) => void): void {
    const rate = this.#question.rateBytesPerS;
    const first = FIRST_SLICE_BYTES;
    let slice = rate === undefined ? first : Math.min(first, Math.max(1, Math.floor(rate / PACE_PARTS)));
    const beganMs = performance.now();
    const next = (): void => {
      const from = this.#sentBytes;
      if (from >= body.length) sending.end();
      if (from >= body.length || this.#responding || sending.destroyed) return;
      this.#progressMs = performance.now();
      this.#sentBytes = Math.min(body.length, from + slice);
      sending.write(body.subarray(from, this.#sentBytes), (error) => {
        if (error) return;
        const nowMs = performance.now();
        if (rate === undefined && this.#sentBytes >= PROBE_BYTES) {
          slice = nowMs - this.#progressMs < QUICK_MS ? Math.min(2 * slice, LAST_SLICE_BYTES) : first;
        }
        this.#progressMs = nowMs;
        goOn();
      });
    };
    // A slice waits until its last byte is due. Without a rate the thread still looks in between whether an answer has come:
    // a write to a closed connection would destroy it unread.
    const goOn = (): void => {
      const end = Math.min(body.length, this.#sentBytes + slice);
      const dueMs =
        rate === undefined || end === this.#sentBytes ? 0 : beganMs + (end / rate) * 1000 - performance.now();
      if (dueMs > 1) wait(dueMs, next);
      else setImmediate(next);
    };
    if (rate === undefined) next();
    else goOn();
  }

  #receive(response: IncomingMessage): void {
    this.#responding = true;
    this.#progressMs = performance.now();
    const status = response.statusCode ?? 0;
    if (status < LEAST_STATUS) {
      this.#settle({ kind: "no-answer", reason: "protocol" });
      return;
    }
    const { most, beyond } = this.#receiver.begin(status, response.headers);
    let received = 0;
    const rate = new LeastRate(this.#progressMs);
    this.#rate = rate;
    // What the parser took its copies from. No other exchange is on this connection now.
    const { socket } = response;
    socket.on("data", releaseLater);
    response.once("close", () => socket.off("data", releaseLater));
    response.on("data", (bytes: Buffer) => {
      this.#progressMs = performance.now();
      rate.took(bytes.length);
      const room = most - received;
      received += bytes.length;
      if (bytes.length <= room) this.#receiver.take(bytes);
      else if (beyond === "refuse") this.#settle({ kind: "no-answer", reason: "too-large" });
      else {
        this.#receiver.take(bytes.subarray(0, room));
        this.#finish(response);
        this.#request?.destroy();
      }
    });
    response.on("end", () => {
      if (response.complete) this.#finish(response);
      else this.#settle({ kind: "no-answer", reason: "reset" });
    });
    response.on("error", () => this.#settle({ kind: "no-answer", reason: "reset" }));
  }

  #finish(response: IncomingMessage): void {
    const headers: Exchanged["headers"] = {};
    for (const name of ["content-type", "retry-after", "etag"] as const) {
      const value = response.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    const elapsedMs = Math.round(performance.now() - this.#beganMs);
    this.#settle({ kind: "exchanged", status: response.statusCode ?? 0, headers, elapsedMs });
  }

  #checkProgress(): void {
    const nowMs = performance.now();
    const isSilent = nowMs - this.#progressMs >= this.#question.timeoutMs;
    if (!isSilent && this.#rate?.isTooSlow(nowMs) !== true) return;
    this.#settle({ kind: "no-answer", reason: "timeout" });
  }

  #classify(error: Error, sending: ClientRequest): End {
    const reason = reasonOf(error);
    const stale = reason === "reset" && sending.reusedSocket && !this.#responding;
    if (stale && REPLAYABLE.has(this.#question.method)) return "stale";
    return { kind: "no-answer", reason };
  }
}

/** Calls `call` when the socket carries bytes: at once, or when its connection stands. */
function onceConnected(socket: Socket, call: () => void): void {
  if (socket.connecting) socket.once("connect", call);
  else call();
}

function reasonOf(error: Error): NoAnswerReason {
  if (error instanceof WrongPin) return "pin";
  if (error instanceof TlsRefused) return "tls";
  const code = errnoOf(error) || (error instanceof AggregateError ? errnoOf(error.errors[0]) : "");
  if (code === "ETIMEDOUT") return "timeout";
  if (UNREACHABLE.has(code)) return "unreachable";
  if (code.startsWith("HPE_")) return "protocol";
  if (code.startsWith("ERR_TLS") || code.startsWith("ERR_SSL") || code === "EPROTO") return "tls";
  return "reset";
}

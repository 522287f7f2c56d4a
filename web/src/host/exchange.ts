// One HTTP exchange by fetch (docs/host-api.md §3, "response" and "no-answer"). Rule: one question gives one answer; nothing is
// cached, no cookie goes along, no redirect is followed.

import type { NoAnswer, ServerAddress } from "coffre-engine";
import { CancelledEffect, checkCancelled, RefusedEffect } from "../../../host-loop/src/index.ts";
import { UnsupportedEffect } from "./slots.ts";

/** What goes out. */
export interface Question {
  readonly server: ServerAddress;
  readonly method: string;
  readonly path: string;
  readonly bearer?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The longest time without progress, either way. */
  readonly timeoutMs: number;
}

/** How much of a body is wanted, and whether more is `too-large` or is dropped. */
export interface Room {
  readonly most: number;
  readonly beyond: "refuse" | "drop";
}

/** A response, with its body as far as it was wanted. */
export interface Exchanged {
  readonly kind: "exchanged";
  readonly status: number;
  readonly headers: { "content-type"?: string; "retry-after"?: string; etag?: string };
  readonly contentRange: string | null;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly elapsedMs: number;
}

const HEADERS = ["content-type", "retry-after", "etag"] as const;
/** H-35: how long a body is looked at before it is judged, and what even the worst of links brings in that time. */
const SPAN_MS = 30_000;
const SPAN_BYTES = 4_096;
/** What `coffre web` gave its page, behind the worker's own address; nothing where a server serves the pages. */
const TOKEN = location.hash.slice(1);
const LOCAL: Readonly<Record<string, string>> = TOKEN === "" ? {} : { "coffre-local": TOKEN };

/** Carries out one exchange. Throws CancelledEffect when `signal` is aborted, UnsupportedEffect for a server with a pin. */
export async function exchange(
  question: Question,
  roomFor: (status: number) => Room,
  signal: AbortSignal,
): Promise<Exchanged | NoAnswer> {
  checkCancelled(signal);
  if (question.server.pin !== undefined) throw new UnsupportedEffect("a browser cannot hold a connection to a pin");
  if (!question.path.startsWith("/")) throw new RefusedEffect("expected a path of an origin");
  const patience = new Patience(question.timeoutMs, signal);
  try {
    return await run(question, roomFor, patience);
  } catch (error) {
    checkCancelled(signal);
    if (patience.isOver) return noAnswer("timeout");
    if (error instanceof RefusedEffect || error instanceof CancelledEffect) throw error;
    return noAnswer(patience.hasHead ? "reset" : "unreachable");
  } finally {
    patience.end();
  }
}

async function run(
  question: Question,
  roomFor: (status: number) => Room,
  patience: Patience,
): Promise<Exchanged | NoAnswer> {
  const { server, method, path, bearer, headers, body } = question;
  const beganMs = performance.now();
  const response = await fetch(server.url + path, {
    method,
    headers: { ...headers, ...LOCAL, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
    body,
    cache: "no-store",
    credentials: "omit",
    redirect: "manual",
    referrerPolicy: "no-referrer",
    signal: patience.signal,
  });
  if (response.type === "opaqueredirect" || response.status < 100) return noAnswer("protocol");
  patience.head();
  const bytes = await readBody(response, roomFor(response.status), patience);
  if (bytes === null) return noAnswer("too-large");
  const told: Exchanged["headers"] = {};
  for (const name of HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) told[name] = value;
  }
  const contentRange = response.headers.get("content-range");
  const elapsedMs = Math.round(performance.now() - beganMs);
  return { kind: "exchanged", status: response.status, headers: told, contentRange, body: bytes, elapsedMs };
}

/** The body as far as it is wanted; null when it is longer than it may be. */
async function readBody(
  response: Response,
  { most, beyond }: Room,
  patience: Patience,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) break;
    patience.took(read.value.length);
    if (length + read.value.length > most && beyond === "refuse") {
      await reader?.cancel();
      return null;
    }
    const piece = read.value.subarray(0, most - length);
    if (piece.length > 0) pieces.push(piece);
    length += piece.length;
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}

/** Ends an exchange on which nothing moves, or too little. */
class Patience {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #signal: AbortSignal;
  readonly #cancel = (): void => this.#controller.abort();
  #progressMs = performance.now();
  #spanBeganMs = 0;
  #spanBytes = 0;
  hasHead = false;
  isOver = false;

  constructor(timeoutMs: number, signal: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    signal.addEventListener("abort", this.#cancel, { once: true });
    this.#timer = setInterval(() => this.#look(), Math.min(1_000, timeoutMs / 4));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  head(): void {
    this.hasHead = true;
    this.#progressMs = performance.now();
    this.#spanBeganMs = this.#progressMs;
  }

  took(bytes: number): void {
    this.#progressMs = performance.now();
    this.#spanBytes += bytes;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#signal.removeEventListener("abort", this.#cancel);
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#progressMs > this.#timeoutMs) this.#give();
    if (!this.hasHead || nowMs - this.#spanBeganMs < SPAN_MS) return;
    if (this.#spanBytes < SPAN_BYTES) this.#give();
    this.#spanBeganMs = nowMs;
    this.#spanBytes = 0;
  }

  #give(): void {
    this.isOver = true;
    this.#controller.abort();
  }
}

/** `bytes` as text, or null when they are not UTF-8; a character that was cut at `most` bytes is left out. */
export function decodeText(bytes: Uint8Array, most: number): string | null {
  for (let end = bytes.length; end >= Math.max(0, bytes.length - 3); end--) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end));
    } catch {
      if (bytes.length < most) return null;
    }
  }
  return null;
}

function noAnswer(reason: NoAnswer["reason"]): NoAnswer {
  return { kind: "no-answer", reason };
}

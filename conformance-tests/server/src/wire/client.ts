// Sends requests and keeps what came. Rule: every request names the check that it belongs to, and a 429 is waited for, as
// clients do.

import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { CheckFailed } from "../outcome.ts";
import { Answer, type Exchange, type Headers, type SentRequest } from "./exchange.ts";
import { type Target, tlsOptions } from "./target.ts";

/** Names the check in every request, so that a server's log can be read beside the report. */
export const CHECK_HEADER = "coffre-conformance-check";

export type Sending = {
  readonly token?: string | null;
  readonly json?: unknown;
  readonly body?: Uint8Array;
  readonly headers?: Headers;
  /** Sends the body in chunks, without its length. */
  readonly isChunked?: boolean;
  /** Holds the last byte of the body back until this is done, with all others on their way. */
  readonly beforeTheLastByte?: () => Promise<void>;
  /** A 429 is the answer that is looked for. */
  readonly takes429?: boolean;
};

const REQUEST_MS = 30_000;
/** A Retry-After above this is not waited for. */
const LONGEST_WAIT_S = 65;
const MAX_WAITS = 3;
/** Exchanges that are kept for one check. */
const MAX_KEPT = 12;

/** Connections to one server, shared by all checks. */
export class Connections {
  readonly target: Target;
  readonly agent: HttpAgent | HttpsAgent;
  /** Seconds that were waited for because of 429. */
  waitedS = 0;

  constructor(target: Target) {
    this.target = target;
    const options = { keepAlive: true, maxSockets: 16 };
    this.agent =
      target.url.protocol === "https:" ? new HttpsAgent({ ...options, ...tlsOptions(target) }) : new HttpAgent(options);
  }

  close(): void {
    this.agent.destroy();
  }
}

/** The requests of one check. */
export class Client {
  readonly #connections: Connections;
  readonly #checkId: string;
  readonly #exchanges: Exchange[] = [];

  constructor(connections: Connections, checkId: string) {
    this.#connections = connections;
    this.#checkId = checkId;
  }

  get target(): Target {
    return this.#connections.target;
  }

  get checkId(): string {
    return this.#checkId;
  }

  /** The newest exchanges, oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Sends one request and reads the whole answer; CheckFailed when the connection ends before that. */
  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const request = this.compose(method, path, sending);
    for (let waits = 0; ; waits += 1) {
      const answer = await this.#exchange(request, sending);
      const retryAfterS = Number(answer.header("retry-after"));
      const isWorthIt = answer.status === 429 && retryAfterS >= 1 && retryAfterS <= LONGEST_WAIT_S;
      if (!isWorthIt || sending.takes429 === true || waits >= MAX_WAITS) return answer;
      this.#connections.waitedS += retryAfterS;
      await wait(retryAfterS * 1_000);
    }
  }

  /** Keeps an exchange that was made elsewhere. */
  keep(exchange: Exchange): void {
    this.#exchanges.push(exchange);
    if (this.#exchanges.length > MAX_KEPT) this.#exchanges.splice(1, 1);
  }

  /** Makes a request, to be sent from here or through the fault proxy. */
  compose(method: string, path: string, { token = null, json, body, headers = {} }: Sending): SentRequest {
    const bytes = json === undefined ? (body ?? null) : new TextEncoder().encode(JSON.stringify(json));
    const type = json === undefined ? "application/octet-stream" : "application/json";
    return {
      method,
      path,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(bytes === null ? {} : { "content-type": type }),
        ...headers,
        [CHECK_HEADER]: this.#checkId,
      },
      body: bytes,
    };
  }

  async #exchange(request: SentRequest, manner: Manner): Promise<Answer> {
    try {
      const answer = await exchange(this.#connections, request, manner);
      this.keep({ request, answer, trouble: null });
      return answer;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      this.keep({ request, answer: null, trouble });
      throw new CheckFailed(`an answer to ${request.method} ${maskPath(request.path)}`, `no answer: ${trouble}`);
    }
  }
}

/** A path without its ids, for messages. */
export function maskPath(path: string): string {
  return path.replaceAll(/[0-9a-f]{64}/g, (id) => `${id.slice(0, 8)}…`);
}

type Manner = Pick<Sending, "isChunked" | "beforeTheLastByte">;

/** Which way a request goes; `dial` names another place to connect to than the target's. */
export type Route = {
  readonly target: Target;
  /** null opens a connection for this request alone. */
  readonly agent: HttpAgent | HttpsAgent | null;
  readonly dial?: { readonly host: string; readonly port: number };
};

/** Sends `request` and reads its answer; rejects when the connection ends before that. */
export function exchange(route: Route, request: SentRequest, manner: Manner = {}): Promise<Answer> {
  const { target, agent, dial } = route;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const startedMs = performance.now();
  const { url } = target;
  const length = manner.isChunked === true ? { "transfer-encoding": "chunked" } : lengthHeader(request);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = send(
    {
      ...(agent === null ? { agent: false, ...tlsOptions(target) } : { agent }),
      protocol: url.protocol,
      ...(dial ?? { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port }),
      method: request.method,
      path: url.pathname.replace(/\/$/, "") + request.path,
      headers: { host: url.host, ...length, ...request.headers },
      timeout: REQUEST_MS,
    },
    (incoming) => gather(incoming, startedMs).then(resolve, reject),
  );
  outgoing.on("error", (error) => {
    // A server may end a connection that nobody used just when it is used again (RFC 9112 §9.3.1).
    const mayRepeat = dial === undefined && outgoing.reusedSocket && isReset(error);
    if (mayRepeat) exchange({ target, agent: null }, request, manner).then(resolve, reject);
    else reject(error);
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error(`nothing came for ${REQUEST_MS / 1_000} s`)));
  const { beforeTheLastByte } = manner;
  if (beforeTheLastByte === undefined || request.body === null) outgoing.end(request.body ?? undefined);
  else sendSlowly(outgoing, request.body, beforeTheLastByte).catch(reject);
  return promise;
}

async function sendSlowly(outgoing: ClientRequest, body: Uint8Array, act: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  outgoing.write(body.subarray(0, -1), () => resolve());
  await promise;
  await act();
  outgoing.end(body.subarray(-1));
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

function lengthHeader({ method, body }: SentRequest): Record<string, string> {
  if (body !== null) return { "content-length": String(body.length) };
  return method === "GET" || method === "HEAD" || method === "DELETE" ? {} : { "content-length": "0" };
}

async function gather(incoming: IncomingMessage, startedMs: number): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const body = new Uint8Array(Buffer.concat(pieces));
  return new Answer(incoming.statusCode ?? 0, headers, body, performance.now() - startedMs);
}

// How bodies come in: how long and how much of them at once, and what becomes of one that nobody reads to its end (P-85).
// Rule: an answer never leaves a connection behind on which a half-read body blocks the next request.

import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../domain/refusal.ts";
import type { App } from "./app.ts";

export type BodyTimes = {
  /** For a body of JSON to arrive. */
  readonly jsonMs: number;
  /** For the rest of a body that was answered early. */
  readonly drainMs: number;
};

export const DEFAULT_BODY_TIMES: BodyTimes = { jsonMs: 30_000, drainMs: 30_000 };

/** The slowest line on which a record may still be sent: a second more for each of these. */
const SLOWEST_BYTES_PER_S = 1_024;
/** What one account's unfinished bodies may take of the memory, and what those of an address without a token. */
const ACCOUNT_ROOM_BYTES = 33_554_432;
const ADDRESS_ROOM_BYTES = 1_048_576;
/** What an unfinished request takes besides its body. */
const REQUEST_BYTES = 8_192;
const BUSY_RETRY_S = 2;

/** Installs what limits bodies that are gathered in memory, and what drains those that were answered early. */
export function installBodies(app: App, times: BodyTimes): void {
  const room = new BodyRoom();
  app.addHook("onRequest", async (request) => {
    const { raw } = request;
    if (request.routeOptions.config.isStreamed === true || !hasBody(raw)) return;
    const sizeBytes = Math.min(Number(raw.headers["content-length"] ?? Infinity), request.routeOptions.bodyLimit ?? 0);
    room.take(request, sizeBytes);
    const isJson = (raw.headers["content-type"] ?? "").startsWith("application/json");
    const endAfter = times.jsonMs + (isJson ? 0 : (sizeBytes / SLOWEST_BYTES_PER_S) * 1_000);
    const { socket } = raw;
    const timer = setTimeout(() => socket.destroy(), endAfter);
    for (const event of ["end", "close"]) raw.once(event, () => clearTimeout(timer));
  });
  app.addHook("onSend", async (request, reply) => {
    const { raw } = request;
    if (raw.complete && raw.readableEnded) return;
    // Fastify asks for the connection's end after a body that could not be parsed; the rest of it is drained instead, as
    // an end before it is read can take the answer away from the client.
    reply.removeHeader("connection");
    drain(raw, request.routeOptions.bodyLimit ?? 0, times.drainMs);
  });
  app.addHook("onResponse", async (request) => room.give(request));
}

/** The pieces of a body; whoever stops early leaves the rest to be drained. */
export function readPieces(raw: IncomingMessage): AsyncIterable<Uint8Array> {
  return raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

/** Bytes of bodies that are being gathered, by account or network. */
class BodyRoom {
  readonly #taken = new Map<string, number>();
  readonly #held = new WeakMap<FastifyRequest, { key: string; sizeBytes: number }>();

  take(request: FastifyRequest, bodyBytes: number): void {
    const key = request.caller?.vault ?? request.network;
    const limit = request.caller === null ? ADDRESS_ROOM_BYTES : ACCOUNT_ROOM_BYTES;
    const sizeBytes = bodyBytes + REQUEST_BYTES;
    const taken = (this.#taken.get(key) ?? 0) + sizeBytes;
    if (taken > limit) throw new Refusal("too-many-requests", "too many unfinished requests at once", {}, BUSY_RETRY_S);
    this.#taken.set(key, taken);
    this.#held.set(request, { key, sizeBytes });
  }

  give(request: FastifyRequest): void {
    const held = this.#held.get(request);
    if (held === undefined) return;
    this.#held.delete(request);
    const taken = (this.#taken.get(held.key) ?? 0) - held.sizeBytes;
    if (taken > 0) this.#taken.set(held.key, taken);
    else this.#taken.delete(held.key);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Throws the rest of a body away, as much as the route takes; ends the connection where that is not enough. */
function drain(raw: IncomingMessage, limitBytes: number, drainMs: number): void {
  const { socket } = raw;
  if (socket === null || socket.destroyed) return;
  let leftBytes = limitBytes;
  const timer = setTimeout(() => socket.destroy(), drainMs);
  raw.on("data", (piece: Uint8Array) => {
    leftBytes -= piece.length;
    if (leftBytes < 0) socket.destroy();
  });
  raw.on("error", () => undefined);
  for (const event of ["end", "close"]) raw.once(event, () => clearTimeout(timer));
  raw.resume();
}

// Everything that fails becomes a problem of the closed table (P-4). Rule: what the table does not name is `internal`,
// and its words stay in the log.

import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { PROBLEMS, type ProblemCode, Refusal } from "../domain/refusal.ts";
import { StorageFull, StoreUnavailable } from "../domain/storage.ts";
import type { App } from "./app.ts";
import { describeFault } from "./fault-lines.ts";

/** Seconds after which a client may come back when the server names no better number (P-5). */
const RETRY_AFTER_S = 2;
const LENGTH_REQUIRED = 411;

/** P-7: on every answer; routes that give blobs replace the first. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'",
};

/** Installs the handlers for errors and for routes that do not exist. */
export function installProblems(app: App): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(request, reply, readRefusal(error)));
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new Refusal("not-found")));
}

/** The problem for a blob without `Content-Length` (P-40): 411, and no retry will help. */
export function lengthRequired(): Refusal {
  return new Refusal("malformed", "Content-Length is required", { status: LENGTH_REQUIRED });
}

/** Answers a request whose path or headers could not even be read. */
export function sendUnreadable(reply: FastifyReply): void {
  const { status } = PROBLEMS.malformed;
  reply
    .headers({ ...SECURITY_HEADERS, connection: "close" })
    .code(status)
    .type("application/problem+json")
    .send(formatUnreadable());
}

/** Answers bytes that are not HTTP, and ends the connection. */
export function endUnreadable(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = formatUnreadable();
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join("")}\r\n${body}`);
}

function formatUnreadable(): string {
  const { status, title, retryable } = PROBLEMS.malformed;
  return JSON.stringify({ type: "urn:coffre:problem:malformed", title, status, retryable });
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, refusal: Refusal | Error): FastifyReply {
  if (!(refusal instanceof Refusal)) {
    request.log.error({ err: describeFault(refusal) }, "failed");
  }
  const code: ProblemCode = refusal instanceof Refusal ? refusal.code : "internal";
  const { status, title, retryable } = PROBLEMS[code];
  const detail = refusal instanceof Refusal && refusal.message !== "" ? { detail: refusal.message } : {};
  const fields = refusal instanceof Refusal ? refusal.fields : {};
  const problem = { type: `urn:coffre:problem:${code}`, title, status, ...detail, retryable, ...fields };
  if (refusal instanceof Refusal && refusal.retryAfterS !== null) reply.header("retry-after", refusal.retryAfterS);
  if (problem.status === 503 && !reply.hasHeader("retry-after")) reply.header("retry-after", RETRY_AFTER_S);
  // What a blob's answer had begun with.
  for (const name of ["etag", "accept-ranges", "content-range", "content-length"]) reply.removeHeader(name);
  reply.header("cache-control", SECURITY_HEADERS["cache-control"]);
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
}

function readRefusal(error: FastifyError | Error): Refusal | Error {
  if (error instanceof Refusal) return error;
  if (error instanceof StorageFull) return new Refusal("storage-full");
  if (error instanceof StoreUnavailable) return new Refusal("busy");
  if ("validation" in error && error.validation !== undefined) {
    const place = `${error.validationContext ?? "request"}${error.validation[0]?.instancePath ?? ""}`;
    return new Refusal("malformed", `${place} ${error.validation[0]?.message ?? "is not of the schema"}`);
  }
  const status = "statusCode" in error ? (error.statusCode ?? 500) : 500;
  if (status === 413) return new Refusal("body-too-large");
  if (status === 404) return new Refusal("not-found");
  if (status === 503) return new Refusal("starting");
  if (status >= 400 && status < 500) return new Refusal("malformed", "the request could not be read");
  if ("code" in error && (error.code === "ECONNRESET" || error.code === "ERR_STREAM_PREMATURE_CLOSE")) {
    return new Refusal("malformed", "the body ended early");
  }
  return error;
}

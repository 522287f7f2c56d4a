// The web client on loopback, and the way from it to the vault's server (docs/web.md). Rule: whoever lacks this page's token, or asks
// under another name, gets nothing; headers pass by a list both ways, so that no answer of the server becomes a page.

import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServerAddress } from "coffre-engine";
import { type Connections, TlsRefused, WrongPin } from "../host/connections.ts";
import { nodeHttp } from "../host/node-http.ts";
import type { BuiltPages } from "./built-pages.ts";

/** What a local server works with. */
export interface LocalParts {
  readonly pages: BuiltPages;
  readonly server: ServerAddress;
  readonly connections: Connections;
  /** What a request must bring as `Coffre-Local`: a page of this process knows it. */
  readonly token: string;
  /** Told why the vault's server could not be asked: `peer-pin`, `peer-tls` or `peer-unreachable`. */
  readonly onTrouble: (code: "peer-pin" | "peer-tls" | "peer-unreachable") => void;
}

const HOST = "127.0.0.1";
/** The protocol's paths, which are passed on. */
const PROTOCOL = /^\/(?:v1|\.well-known|api\/v1)(?:\/|$)/;
const ASKED = ["accept", "authorization", "content-length", "content-type", "range"] as const;
const ANSWERED = [
  ...["accept-ranges", "content-length", "content-range", "content-type", "etag", "retry-after"],
  ...["ratelimit", "ratelimit-policy", "www-authenticate"],
];
/** As P-7 has it; what the server says of these is not passed on. */
const PLAIN_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Starts on `port` of this machine alone; rejects when the port is taken. */
export async function startLocalServer(parts: LocalParts, port: number): Promise<{ url: string; server: Server }> {
  const server = nodeHttp.createServer((request, response) => answer(parts, server, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  return { url: `http://${HOST}:${portOf(server)}`, server };
}

function answer(parts: LocalParts, server: Server, request: IncomingMessage, response: ServerResponse): void {
  // A page of another name could be somebody's whose name was turned to this address.
  if (request.headers.host !== `${HOST}:${portOf(server)}`) {
    refuse(response, 421);
    return;
  }
  const path = (request.url ?? "").split("?")[0] ?? "";
  if (PROTOCOL.test(path)) {
    if (isToken(request.headers["coffre-local"], parts.token)) pass(parts, request, response);
    else refuse(response, 403);
    return;
  }
  const file = request.method === "GET" || request.method === "HEAD" ? parts.pages.find(path) : null;
  if (file === null) {
    refuse(response, 404);
    return;
  }
  response.writeHead(200, { ...file.headers, "content-length": file.bytes.length });
  response.end(request.method === "HEAD" ? undefined : file.bytes);
}

/** Asks the vault's server the same, and answers what it answers. */
function pass(
  { server, connections, onTrouble }: LocalParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { url, agent, request: send } = connections.routeTo(server, "kept");
  const asked = send({
    agent,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    method: request.method,
    path: request.url,
    headers: choose(request.headers, ASKED),
  });
  asked.on("response", (answered) => {
    response.writeHead(answered.statusCode ?? 502, { ...choose(answered.headers, ANSWERED), ...PLAIN_HEADERS });
    answered.pipe(response);
    // What breaks off there breaks off here: nobody may take a part for the whole.
    answered.on("error", () => response.destroy());
    answered.on("aborted", () => response.destroy());
  });
  asked.on("error", (error) => {
    if (!response.headersSent) {
      onTrouble(error instanceof WrongPin ? "peer-pin" : error instanceof TlsRefused ? "peer-tls" : "peer-unreachable");
    }
    response.destroy();
  });
  response.on("close", () => asked.destroy());
  request.pipe(asked);
}

function choose(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === "string") chosen[name] = value;
  }
  return chosen;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...PLAIN_HEADERS, "content-length": 0, connection: "close" });
  response.end();
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  if (typeof given !== "string" || given.length !== token.length) return false;
  return timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(token, "latin1"));
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

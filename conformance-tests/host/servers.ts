// Tiny servers on loopback. Rule: each counts what reaches it, listens on a port that nobody has, and ends with its check.

import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A server, and what it saw. */
export interface Served {
  readonly url: string;
  readonly requests: readonly Seen[];
}

/** A self-made certificate, and the pin of its key. */
export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly pin: string;
}

/** Serves HTTP; `answer` is called when a request has come whole. With `remembers: false` what was seen is not kept. */
export async function serve(
  stage: Stage,
  answer: (response: ServerResponse, seen: Seen) => void,
  { certificate, remembers = true }: { readonly certificate?: Certificate; readonly remembers?: boolean } = {},
): Promise<Served> {
  const requests: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => {});
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const seen = { method, path: url, headers, body: Buffer.concat(pieces) };
      if (remembers) requests.push(seen);
      answer(response, seen);
    });
  };
  const server: Server = certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  const port = await listen(server);
  stage.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`, requests };
}

/** Serves TCP; `onSocket` is called for each connection. Its URL, as if it were HTTP. */
export async function serveRaw(stage: Stage, onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  const port = await listen(server);
  stage.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

/** An origin at which nothing listens: a port that was free a moment ago. */
export async function deadOrigin(): Promise<string> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** A certificate that nobody trusts. */
export function makeCertificate(stage: Stage): Certificate {
  const folder = stage.folder();
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", join(folder, "key"), "-out", join(folder, "cert")];
  const subject = ["-subj", "/CN=127.0.0.1", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...subject, ...files], { stdio: "ignore" });
  const cert = readFileSync(join(folder, "cert"));
  const spki = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  const pin = createHash("sha256").update(spki).digest("hex");
  return { key: readFileSync(join(folder, "key")), cert, pin };
}

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.address() as AddressInfo).port;
}

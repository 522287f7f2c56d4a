// A small proxy between suite and server that breaks connections. Rule: it passes bytes on as they are, TLS or not, and breaks
// only what it was armed for.

import { once } from "node:events";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { exchange } from "./client.ts";
import type { Answer, SentRequest } from "./exchange.ts";
import { type Target, tlsOptions } from "./target.ts";

/** What to break. */
export type Fault =
  /** The next bytes of the server are withheld, and the connection is ended: the request came whole, its answer is lost. */
  | { readonly kind: "lose-answer" }
  /** After so many bytes to the server both sides are cut. */
  | { readonly kind: "cut-request"; readonly afterBytes: number };

const ANSWER_MS = 20_000;

export class FaultProxy {
  readonly #server: Server;
  readonly #target: Target;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #sockets = new Set<Socket>();
  #fault: Fault | null = null;
  #struck: (() => void) | null = null;

  private constructor(target: Target) {
    this.#target = target;
    this.#server = createServer((socket) => this.#pass(socket));
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      target.url.protocol === "https:" ? new HttpsAgent({ ...options, ...tlsOptions(target) }) : new HttpAgent(options);
  }

  static async open(target: Target): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Sends a request through the proxy as if there were none. */
  send(request: SentRequest): Promise<Answer> {
    const { port } = this.#server.address() as AddressInfo;
    const dial = { host: "127.0.0.1", port };
    return exchange({ target: this.#target, agent: this.#agent, dial }, request);
  }

  /** Sends `request` and breaks its connection so. Resolves when it is broken; rejects when the server never answered. */
  async sendBroken(request: SentRequest, fault: Fault): Promise<void> {
    // First a connection that stands, so that the fault meets the request and no handshake.
    await this.send({ method: "GET", path: "/.well-known/coffre", headers: request.headers, body: null });
    const struck = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the fault met nothing")), ANSWER_MS);
      this.#struck = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#fault = fault;
    await Promise.all([struck, this.send(request).catch(() => undefined)]);
  }

  close(): void {
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(near: Socket): void {
    const { hostname, port, protocol } = this.#target.url;
    const host = hostname.replace(/^\[|\]$/g, "");
    const far = connect({ host, port: Number(port) || (protocol === "https:" ? 443 : 80) });
    const strike = () => {
      this.#fault = null;
      near.destroy();
      far.destroy();
      this.#struck?.();
    };
    let sentBytes = 0;
    near.on("data", (piece: Buffer) => {
      if (this.#fault?.kind !== "cut-request") {
        far.write(piece);
        return;
      }
      const leftBytes = this.#fault.afterBytes - sentBytes;
      sentBytes += piece.length;
      if (piece.length < leftBytes) far.write(piece);
      else far.write(piece.subarray(0, leftBytes), strike);
    });
    far.on("data", (piece: Buffer) => {
      if (this.#fault?.kind === "lose-answer") strike();
      else near.write(piece);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

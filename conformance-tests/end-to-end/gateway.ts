// A proxy between client and server that a test holds in its hand. Rule: what it lets through, it lets through unchanged; it
// decides at each request's head, before the body has gone anywhere.

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request's head. */
export type SeenRequest = { readonly method: string; readonly path: string; readonly sizeBytes: number };

/** What becomes of a request: it passes, the connection breaks, or the gateway answers in the server's place. */
export type Judgement =
  | "pass"
  | "break"
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export type Rule = (seen: SeenRequest) => Judgement | Promise<Judgement>;

/** What goes to the client in place of an answer's body: other bytes, or its first half, and then the connection breaks. */
export type Alteration = (seen: SeenRequest, body: Buffer) => Buffer | "half";

const PASS: Rule = () => "pass";

export class Gateway {
  readonly #server: Server;
  readonly #waiting = new Set<{ matches: (seen: SeenRequest, status: number) => boolean; found: () => void }>();
  /** Heads of all requests, in the order in which they came. */
  readonly seen: SeenRequest[] = [];
  /** Where requests go on to; a server that starts again may have another address. */
  target: string;
  rule: Rule = PASS;
  /** Set, it sees every whole answer of 2xx before the client does. */
  alteration: Alteration | null = null;

  private constructor(target: string) {
    this.target = target;
    this.#server = createServer((incoming, answer) => void this.#handle(incoming, answer));
  }

  static async open(target: string): Promise<Gateway> {
    const gateway = new Gateway(target);
    await new Promise<void>((resolve) => gateway.#server.listen(0, "127.0.0.1", resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets everything pass again. */
  passAll(): void {
    this.rule = PASS;
    this.alteration = null;
  }

  /** How many requests of this kind have come. */
  count(method: string, path: RegExp): number {
    return this.seen.filter((seen) => seen.method === method && path.test(seen.path)).length;
  }

  /** Resolves when the server has answered a request to come with success. */
  answered(method: string, path: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const matches = (seen: SeenRequest, status: number): boolean =>
        seen.method === method && path.test(seen.path) && status >= 200 && status < 300;
      this.#waiting.add({ matches, found: resolve });
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = incoming;
    const seen = { method, path, sizeBytes: Number(headers["content-length"] ?? 0) };
    this.seen.push(seen);
    const judgement = await this.rule(seen);
    if (judgement === "break") return void incoming.socket.destroy();
    if (judgement === "pass") return this.#forward(seen, incoming, answer);
    incoming.resume();
    answer.writeHead(judgement.status, { connection: "close", ...judgement.headers }).end(judgement.body);
  }

  #forward(seen: SeenRequest, incoming: IncomingMessage, answer: ServerResponse): void {
    const outgoing = request(`${this.target}${seen.path}`, { method: seen.method, headers: incoming.headers });
    outgoing.on("response", (response) => {
      const status = response.statusCode ?? 502;
      answer.on("finish", () => this.#tell(seen, status));
      response.on("error", () => incoming.socket.destroy());
      if (this.alteration !== null && status < 300) return void this.#alter(this.alteration, seen, response, answer);
      answer.writeHead(status, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => incoming.socket.destroy());
    incoming.on("error", () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  async #alter(alter: Alteration, seen: SeenRequest, response: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = Buffer.concat(await response.toArray());
    const altered = alter(seen, body);
    const [bytes, isHalf] = altered === "half" ? [body.subarray(0, body.length >> 1), true] : [altered, false];
    const length = isHalf ? body.length : bytes.length;
    answer.writeHead(response.statusCode ?? 502, { ...response.headers, "content-length": length });
    if (isHalf) answer.write(bytes, () => answer.destroy());
    else answer.end(bytes);
  }

  #tell(seen: SeenRequest, status: number): void {
    for (const waiting of this.#waiting) {
      if (!waiting.matches(seen, status)) continue;
      this.#waiting.delete(waiting);
      waiting.found();
    }
  }
}

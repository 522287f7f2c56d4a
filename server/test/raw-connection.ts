// One connection to a server, kept open over requests. Rule: tests see what a client on that connection would.

import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";

/** Sends requests one after the other over one kept connection and gives their statuses. */
export class KeptConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  readonly ports = new Set<number | undefined>();

  constructor(url: string) {
    this.#url = url;
  }

  send(method: string, path: string, headers: Record<string, string>, body = new Uint8Array()): Promise<number> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.#url + path,
        { agent: this.#agent, method, headers: { ...headers, "content-length": String(body.length) } },
        (answer) => {
          this.ports.add(answer.socket.localPort);
          answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A connection on which a test writes what it likes. */
export class RawConnection {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  text = "";

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on("error", () => undefined);
    this.#socket.on("data", (piece) => {
      this.text += String(piece);
    });
    this.closed = new Promise((resolve) => this.#socket.on("close", () => resolve()));
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The statuses of the answers, when there are so many, or when the connection has ended. */
  async answered(count = 1): Promise<number[]> {
    for (;;) {
      const statuses = [...this.text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((found) => Number(found[1]));
      if (statuses.length >= count || this.#socket.destroyed) return statuses;
      await new Promise<void>((resolve) => {
        this.#socket.once("data", () => resolve());
        this.#socket.once("close", () => resolve());
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}

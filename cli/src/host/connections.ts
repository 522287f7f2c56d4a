// Connections to servers, kept alive between exchanges (docs/host-api.md H-10). Rule: not a byte of HTTP is written before
// the server is known to be the right one.

import { X509Certificate } from "node:crypto";
import type * as http from "node:http";
import type * as https from "node:https";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import type { ServerAddress } from "coffre-engine";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import type { LocalServer } from "./exchange.ts";
import { nodeHttp, nodeHttps } from "./node-http.ts";
import { sha256 } from "./sealing.ts";
import { errnoOf } from "./system-error.ts";

/** The server has another key than the pinned one. */
export class WrongPin extends Error {
  override readonly name = "WrongPin";
}

/** TLS could not be set up: not trusted, not TLS, no version or cipher in common. */
export class TlsRefused extends Error {
  override readonly name = "TlsRefused";
}

const PIN = /^[0-9a-f]{64}$/;
const KEPT_SOCKETS = 16;

/** Where an exchange goes. */
export interface Route {
  readonly url: URL;
  readonly agent: http.Agent;
  readonly request: typeof http.request;
}

/** The agents of one host, one for each way of trusting. */
export class Connections {
  /** Who answers in the place of every server, or null. */
  readonly local: LocalServer | null;
  readonly #plain = {
    kept: new nodeHttp.Agent({ keepAlive: true, maxFreeSockets: KEPT_SOCKETS }),
    fresh: new nodeHttp.Agent({ keepAlive: false }),
  };
  readonly #tls = new Map<string, TrustingAgent>();

  constructor(local: LocalServer | null = null) {
    this.local = local;
  }

  /**
   * The way to `server`, on a kept connection where there is one, or on a fresh one. RefusedEffect when its URL is not an origin,
   * its pin not a SHA-256, or when it has a pin and no TLS.
   */
  routeTo(server: ServerAddress, age: "kept" | "fresh"): Route {
    const url = URL.parse(server.url);
    if (url === null || !/^https?:$/.test(url.protocol)) throw new RefusedEffect("expected an http or https origin");
    const pin = server.pin ?? null;
    if (pin !== null && !PIN.test(pin)) throw new RefusedEffect("expected a pin of 64 hex digits");
    if (url.protocol === "http:") {
      if (pin !== null) throw new RefusedEffect("expected https where there is a pin");
      return { url, agent: this.#plain[age], request: nodeHttp.request };
    }
    const trust = `${age} ${pin ?? ""}`;
    let agent = this.#tls.get(trust);
    if (agent === undefined) {
      agent = new TrustingAgent(pin, age === "kept");
      this.#tls.set(trust, agent);
    }
    return { url, agent, request: nodeHttps.request };
  }

  /** Closes what is open. */
  close(): void {
    this.#plain.kept.destroy();
    this.#plain.fresh.destroy();
    for (const agent of this.#tls.values()) agent.destroy();
  }
}

/** TLS to one key when there is a pin, else to whoever the system trusts; gives a socket only after that check. */
class TrustingAgent extends nodeHttps.Agent {
  readonly #pin: string | null;
  #trust: tls.SecureContext | null = null;

  constructor(pin: string | null, keepAlive: boolean) {
    super({ keepAlive, maxFreeSockets: KEPT_SOCKETS });
    this.#pin = pin;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const socket = tls.connect({
      ...(options as tls.ConnectionOptions),
      ...(this.#pin === null ? { secureContext: this.#systemTrust() } : { rejectUnauthorized: false }),
      ALPNProtocols: ["http/1.1"],
    });
    let connected = false;
    const fail = (error: Error): void => {
      socket.destroy();
      callback?.(isTlsFault(error, connected) ? new TlsRefused(errnoOf(error)) : error, socket);
    };
    socket.once("connect", () => {
      connected = true;
    });
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      socket.off("error", fail);
      if (this.#pin !== null && pinOf(socket) !== this.#pin) {
        socket.destroy();
        callback?.(new WrongPin("the server has another key than the pinned one"), socket);
      } else {
        callback?.(null, socket);
      }
    });
    return undefined;
  }

  /** What Node brings and what the system's owner added, read once: it takes a while. */
  #systemTrust(): tls.SecureContext {
    this.#trust ??= tls.createSecureContext({
      ca: [...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")])],
    });
    return this.#trust;
  }
}

/** The hex SHA-256 of the server's SPKI, or "" when it showed no certificate. */
function pinOf(socket: tls.TLSSocket): string {
  const certificate = socket.getPeerCertificate();
  if (certificate.raw === undefined) return "";
  const key = new X509Certificate(certificate.raw).publicKey;
  return sha256(key.export({ type: "spki", format: "der" })).toString("hex");
}

/** Whether an error before the secure connection speaks of TLS, and not of the way there. */
function isTlsFault(error: Error, connected: boolean): boolean {
  const code = errnoOf(error);
  return connected && !["ECONNRESET", "ETIMEDOUT", "EPIPE", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}

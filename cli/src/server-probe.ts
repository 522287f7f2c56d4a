// What speaks at a port to which no connection worked. Rule: it is asked only after a failure, and nothing of the vault's is
// sent: a greeting that any server would understand.

import { connect } from "node:net";
import * as tls from "node:tls";
import type { ServerAddress } from "coffre-engine";
import { say } from "./language.ts";

const PATIENCE_MS = 3_000;
const GREETING = "GET /.well-known/coffre HTTP/1.0\r\n\r\n";
/** TLS servers that see plain HTTP may answer in it, with an error; only a success is a plain server's. */
const PLAIN_SUCCESS = /^HTTP\/1\.[01] 200 /;

/** What to write in place of the address, in a sentence; null when the scheme is not what is wrong. */
export async function findWrongScheme({ url }: ServerAddress): Promise<string | null> {
  const { protocol, hostname, port, host } = new URL(url);
  const name = hostname.replace(/^\[|\]$/g, "");
  if (protocol === "https:") {
    const isPlain = await speaksPlainHttp(name, Number(port || 443));
    return isPlain ? say("trouble", "port-is-plain", { host }) : null;
  }
  const isTls = await speaksTls(name, Number(port || 80));
  return isTls ? say("trouble", "port-is-tls", { host }) : null;
}

function speaksPlainHttp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS }, () => socket.write(GREETING));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (bytes) => end(PLAIN_SUCCESS.test(bytes.toString("latin1"))));
    for (const event of ["error", "timeout", "close"]) socket.once(event, () => end(false));
  });
}

function speaksTls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, timeout: PATIENCE_MS, rejectUnauthorized: false });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("secureConnect", () => end(true));
    for (const event of ["error", "timeout", "close"]) socket.once(event, () => end(false));
  });
}

// Where the server is and how it is trusted. Rule: a certificate is taken because the machine trusts it, because its key has the
// pin, or, on this machine alone, because the caller said so; from then on it is the only one.

import { createHash, X509Certificate } from "node:crypto";
import { connect } from "node:tls";

/** How the suite reaches the server. `ca` is the one certificate that is taken, null for the machine's own trust. */
export type Target = {
  readonly url: URL;
  readonly ca: string | null;
};

export type Trust = { readonly pin: string | null; readonly mayInsecureLoopback: boolean };

/** Thrown when the server cannot be reached in the asked way: nothing was checked. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}

/** Makes the target of `url`; TargetError when its certificate is not the pinned one. */
export async function reachTarget(url: URL, { pin, mayInsecureLoopback }: Trust): Promise<Target> {
  if (url.protocol !== "https:") {
    if (pin !== null) throw new TargetError("--pin needs an https address");
    return { url, ca: null };
  }
  if (mayInsecureLoopback && !isLoopback(url.hostname)) {
    throw new TargetError("--insecure-loopback is for 127.0.0.1, [::1] and localhost");
  }
  if (pin === null && !mayInsecureLoopback) return { url, ca: null };
  const certificate = await fetchCertificate(url);
  if (pin !== null && pin.toLowerCase() !== hashKey(certificate)) {
    throw new TargetError(`the server's key has the pin ${hashKey(certificate)}, which is not the given one`);
  }
  return { url, ca: certificate.toString() };
}

/** The options of `tls.connect` and `https.request` for this target. */
export function tlsOptions({ url, ca }: Target): Record<string, unknown> {
  const servername = /^[\d.]+$|:/.test(url.hostname) ? {} : { servername: url.hostname };
  if (ca === null) return servername;
  return { ...servername, ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

function hashKey(certificate: X509Certificate): string {
  return createHash("sha256")
    .update(certificate.publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d+){3}$/.test(host);
}

function fetchCertificate(url: URL): Promise<X509Certificate> {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate>();
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // Only looked at: nothing is sent over this connection.
  const socket = connect({ host, port: Number(url.port || 443), rejectUnauthorized: false }, () => {
    resolve(new X509Certificate(socket.getPeerCertificate(true).raw));
    socket.end();
  });
  socket.on("error", (error) => reject(new TargetError(`no TLS connection: ${error.message}`)));
  return promise;
}

// A certificate that the server makes and keeps for itself (`--tls self`). Rule: its key never changes while the files
// are there, so that the pin that a client holds stays true.

import { createHash, createPublicKey, webcrypto, X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as X509 from "@peculiar/x509";
import { isCode, makeFolder, syncFolder } from "./durable-files.ts";

export type Certificate = { readonly key: string; readonly cert: string };

const YEARS = 10;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Reads the certificate in `folder`; without one `mayMake` makes one of ten years, else it is an Error in words. */
export async function openSelfCertificate(folder: string, nowMs: number, mayMake: boolean): Promise<Certificate> {
  const path = join(folder, "self.pem");
  try {
    return splitPem(await readFile(path, "utf8"));
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
  if (!mayMake) {
    throw new Error(
      "tls/self.pem is missing, and clients hold its pin: put it back from a copy. If it is lost, start once with --tls self-new, which makes another one, and give clients its pin",
    );
  }
  await makeFolder(folder);
  const made = await makeCertificate(nowMs);
  await writeFile(path, `${made.key}\n${made.cert}\n`, { mode: 0o600, flush: true });
  await syncFolder(folder);
  return made;
}

/** The pin that clients take: hex SHA-256 of the certificate's SPKI in DER. */
export function readPin(cert: string): string {
  const spki = createPublicKey(new X509Certificate(cert).publicKey.export({ format: "pem", type: "spki" }));
  return createHash("sha256")
    .update(spki.export({ format: "der", type: "spki" }))
    .digest("hex");
}

async function makeCertificate(nowMs: number): Promise<Certificate> {
  const x509 = await loadX509();
  x509.cryptoProvider.set(webcrypto as Crypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notAfter = new Date(nowMs);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Coffre",
    notBefore: new Date(nowMs),
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { key: wrapPem("PRIVATE KEY", key), cert: certificate.toString("pem") };
}

/** Loaded only where a certificate is made; it asks for the metadata polyfill to be there before it. */
async function loadX509(): Promise<typeof X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

function wrapPem(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${(base64.match(/.{1,64}/g) ?? []).join("\n")}\n-----END ${label}-----`;
}

function splitPem(text: string): Certificate {
  const [key, cert] = ["PRIVATE KEY", "CERTIFICATE"].map(
    (label) => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text)?.[0],
  );
  if (key === undefined || cert === undefined) {
    throw new Error(
      "tls/self.pem is damaged: put it back from a copy. If there is none, move it away and start once with --tls self-new, which makes another one, and give clients its pin",
    );
  }
  return { key, cert };
}

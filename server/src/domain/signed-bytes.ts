// Signed bytes (docs/format.md F-4, F-5) and the Ed25519 keys that make and check them. Rule: the signature is checked
// over the payload's bytes as they came.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { decodeItem, encodeItem, type Item, readAnyBytes, readBytes, readFields } from "./cbor.ts";
import { malformed } from "./refusal.ts";

/** What a signature is for; it is part of what is signed. */
export type SignedKind =
  | "vault-object"
  | "roster"
  | "certificate"
  | "epoch"
  | "challenge"
  | "receipt"
  | "second-factor"
  | "base";

export type SignedBytes = { readonly payload: Uint8Array; readonly signature: Uint8Array };

/** DER before a raw Ed25519 public key (RFC 8410 §4) and before a raw seed (RFC 8410 §7). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Splits `[payload, signature]`; Refusal `malformed` otherwise. Nothing is verified yet. */
export function decodeSigned(bytes: Uint8Array): SignedBytes {
  const [payload, signature] = readFields(decodeItem(bytes), 2);
  return { payload: readAnyBytes(payload), signature: readBytes(signature, 64) };
}

/** Whether `signedBytes` carries a signature of `publicKey` (32 bytes) of this kind (RFC 8032). */
export function isSignedBy(signedBytes: SignedBytes, kind: SignedKind, publicKey: Uint8Array): boolean {
  try {
    return verify(null, signedMessage(kind, signedBytes.payload), importPublicKey(publicKey), signedBytes.signature);
  } catch {
    return false;
  }
}

/** The structure inside signed bytes; Refusal `malformed` unless `publicKey` signed it as this kind. */
export function openSigned(bytes: Uint8Array, kind: SignedKind, publicKey: Uint8Array): Item {
  const signedBytes = decodeSigned(bytes);
  if (!isSignedBy(signedBytes, kind, publicKey)) throw malformed(`the signature over the ${kind} does not hold`);
  return decodeItem(signedBytes.payload);
}

/** Signs a structure and encodes `[payload, signature]`. */
export function encodeSigned(item: Item, kind: SignedKind, privateKey: KeyObject): Uint8Array {
  const payload = encodeItem(item);
  const signature = new Uint8Array(sign(null, signedMessage(kind, payload), privateKey));
  return encodeItem([payload, signature]);
}

/** The key object of a raw public key of 32 bytes. */
export function importPublicKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
}

/** The key object of a seed of 32 bytes. */
export function importSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}

/** The raw 32 bytes of the public key that belongs to `privateKey`. */
export function exportPublicKey(privateKey: KeyObject): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return new Uint8Array(der.subarray(SPKI_PREFIX.length));
}

function signedMessage(kind: SignedKind, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`coffre/1/${kind}\0`, "ascii"), payload]);
}

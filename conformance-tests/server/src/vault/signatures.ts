// Ed25519 and signed bytes (docs/format.md F-4). Rule: Node's own cryptography, and nothing of the project's other programs.

import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { decodeItem, encodeItem, type Item } from "./cbor.ts";

export type SignedKind =
  | "vault-object"
  | "roster"
  | "certificate"
  | "epoch"
  | "challenge"
  | "receipt"
  | "second-factor"
  | "base";

/** The bytes before an Ed25519 public key in its SPKI (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

export function makeKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

/** The 32 bytes of a key's public half. */
export function exportKey(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-32));
}

/** `[payload, signature]` over the item. */
export function signItem(item: Item, kind: SignedKind, key: KeyObject): Uint8Array {
  const payload = encodeItem(item);
  return encodeItem([payload, new Uint8Array(sign(null, frame(kind, payload), key))]);
}

/** The item inside signed bytes whose signature by `publicKey` holds; null otherwise. */
export function openSigned(bytes: Uint8Array, kind: SignedKind, publicKey: Uint8Array): Item | null {
  const pair = decodeItem(bytes);
  if (!Array.isArray(pair) || pair.length !== 2) return null;
  const [payload, signature] = pair as readonly Item[];
  if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array) || signature.length !== 64) return null;
  if (publicKey.length !== 32) return null;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  return verify(null, frame(kind, payload), key, signature) ? decodeItem(payload) : null;
}

export function hash(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

export function formatId(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function idBytes(id: string): Uint8Array {
  return new Uint8Array(Buffer.from(id, "hex"));
}

export function hashId(...parts: readonly Uint8Array[]): string {
  return formatId(hash(...parts));
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function frame(kind: SignedKind, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`coffre/1/${kind}\0`, "ascii"), payload]);
}

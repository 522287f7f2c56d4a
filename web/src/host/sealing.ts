// The constructions of the byte plane on WebCrypto (docs/format.md §2, §3, F-51). Rule: keys of a context live for one call and are
// overwritten; nothing is opened whose nonce does not hold.

import { RefusedEffect } from "../../../host-loop/src/index.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much longer sealed bytes are (F-20): nonce and tag. */
export const SEAL_BYTES = 28;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const NUMBER = "(?:0|[1-9][0-9]{0,15})";

/** The closed table of contexts (F-22). */
const CONTEXT = new RegExp(
  `^coffre/1/(?:(?:chunk|list|padding|record|base|segment|recovery-wrap)/[0-9a-f]{64}|name(?:/[0-9a-f]{64}){2}|(?:epoch|checkpoint)(?:/[0-9a-f]{64}){2}/${NUMBER}|wrap/[0-9a-f]{64}(?:/${NUMBER}){3}/[0-9a-f]{32}|index/[0-9a-f]{64}(?:/${NUMBER}){2})$`,
);
const LONG_NUMBER = /\/[0-9]{16}(?=\/|$)/g;
/** The contexts that name a content by its keyed digest (F-23). */
const CONTENT = /^coffre\/1\/(?:chunk|list|segment)\/([0-9a-f]{64})$/;

/** SHA-256. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** HMAC-SHA-256. */
export async function hmac(key: Bytes, bytes: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
}

/** HKDF-SHA-256 with an empty salt, 32 bytes (docs/format.md §1). */
export async function deriveKey(key: Bytes, info: string): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: new TextEncoder().encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, imported, KEY_BYTES * 8));
}

/** `bytes` sealed, in a new array (F-20). RefusedEffect for a context outside the table. */
export async function seal(root: Bytes, context: string, bytes: Bytes): Promise<Bytes> {
  const keys = await expandKeys(root, context);
  try {
    const nonce = (await hmac(keys.nonceKey, await sha256(bytes))).slice(0, NONCE_BYTES);
    const cipher = await importCipher(keys.key, "encrypt");
    const box = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: nonce, additionalData: ascii(context) },
      cipher,
      bytes,
    );
    const sealed = new Uint8Array(NONCE_BYTES + box.byteLength);
    sealed.set(nonce);
    sealed.set(new Uint8Array(box), NONCE_BYTES);
    return sealed;
  } finally {
    erase(keys);
  }
}

/** What opening gives: bytes that are a part of what was sealed, or why there are none. */
export type Opened =
  | { readonly kind: "opened"; readonly bytes: Bytes }
  | { readonly kind: "not-authentic" }
  | { readonly kind: "other-content" };

/**
 * Opens `sealed`: authentic under this root and context, nonce included (F-21), and where the context names a content, that
 * content and no other under `digestKey` (F-23). RefusedEffect for a context outside the table, and for one of a content without
 * a key.
 */
export async function open(root: Bytes, digestKey: Bytes | null, context: string, sealed: Bytes): Promise<Opened> {
  const id = CONTENT.exec(context)?.[1];
  if (id !== undefined && digestKey === null) throw new RefusedEffect("expected the key that names contents");
  const bytes = await openBare(root, context, sealed);
  if (bytes === null) return { kind: "not-authentic" };
  if (id === undefined || digestKey === null) return { kind: "opened", bytes: bytes.opened };
  const digest = await hmac(digestKey, bytes.sha);
  if (isEqual(digest, Uint8Array.fromHex(id))) return { kind: "opened", bytes: bytes.opened };
  bytes.opened.fill(0);
  return { kind: "other-content" };
}

/** The bare construction of F-21: the opened bytes and their SHA-256, or null. No effect opens by it alone. */
export async function openBare(
  root: Bytes,
  context: string,
  sealed: Bytes,
): Promise<{ readonly opened: Bytes; readonly sha: Bytes } | null> {
  const keys = await expandKeys(root, context);
  try {
    if (sealed.length < SEAL_BYTES) return null;
    const nonce = sealed.slice(0, NONCE_BYTES);
    const opened = await decrypt(keys.key, nonce, context, sealed.subarray(NONCE_BYTES));
    if (opened === null) return null;
    const sha = await sha256(opened);
    const wanted = (await hmac(keys.nonceKey, sha)).subarray(0, NONCE_BYTES);
    return isEqual(nonce, wanted) ? { opened, sha } : null;
  } finally {
    erase(keys);
  }
}

async function decrypt(key: Bytes, nonce: Bytes, context: string, box: Bytes): Promise<Bytes | null> {
  const cipher = await importCipher(key, "decrypt");
  try {
    const how = { name: "AES-GCM", iv: nonce, additionalData: ascii(context) };
    return new Uint8Array(await crypto.subtle.decrypt(how, cipher, box));
  } catch {
    return null;
  }
}

interface Keys {
  readonly key: Bytes;
  readonly nonceKey: Bytes;
}

/** HKDF-Expand to 64 bytes (RFC 5869 §2.3): two blocks, a key each. */
async function expandKeys(root: Bytes, context: string): Promise<Keys> {
  if (root.length !== KEY_BYTES) throw new RefusedEffect("expected a root of 32 bytes");
  if (!isContext(context)) throw new RefusedEffect("expected a context of the table");
  const info = ascii(context);
  const key = await hmac(root, concat(info, Uint8Array.of(1)));
  return { key, nonceKey: await hmac(root, concat(key, info, Uint8Array.of(2))) };
}

function erase({ key, nonceKey }: Keys): void {
  key.fill(0);
  nonceKey.fill(0);
}

async function importCipher(key: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);
}

/** Whether `text` is a row of the table, with numbers up to 2^53 - 1. */
function isContext(text: string): boolean {
  const numbers = text.match(LONG_NUMBER) ?? [];
  return CONTEXT.test(text) && numbers.every((digits) => Number.isSafeInteger(Number(digits.slice(1))));
}

/** A context's bytes: the table holds ASCII alone. */
function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function concat(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Compares in a time that depends on the lengths alone. */
function isEqual(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

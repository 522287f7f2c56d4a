// The five constructions of the byte plane on Node's native cryptography (docs/format.md §2, §3, F-51). Rule: no allocation
// of a whole chunk; ciphers run in pieces, into memory that the caller has.

import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, timingSafeEqual } from "node:crypto";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import { release } from "./release.ts";

/** How much longer sealed bytes are (F-20): nonce and tag. */
export const SEAL_BYTES = 28;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = "aes-256-gcm";
/** A cipher's output is a new buffer; pieces of this size stay in the processor's cache. */
const PIECE_BYTES = 65_536;
const NUMBER = "(?:0|[1-9][0-9]{0,15})";

/** The closed table of contexts (F-22). */
const CONTEXT = new RegExp(
  `^coffre/1/(?:(?:chunk|list|padding|record|base|segment|recovery-wrap)/[0-9a-f]{64}|name(?:/[0-9a-f]{64}){2}|(?:epoch|checkpoint)(?:/[0-9a-f]{64}){2}/${NUMBER}|wrap/[0-9a-f]{64}(?:/${NUMBER}){3}/[0-9a-f]{32}|index/[0-9a-f]{64}(?:/${NUMBER}){2})$`,
);
const LONG_NUMBER = /\/[0-9]{16}(?=\/|$)/g;
/** The contexts that name a content by its keyed digest (F-23). */
const CONTENT = /^coffre\/1\/(?:chunk|list|segment)\/([0-9a-f]{64})$/;

/** SHA-256. */
export function sha256(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer");
}

/** The keyed digest of a chunk, in hex, from the chunk's SHA-256 (F-51). */
export function keyedDigest(key: Buffer, chunkSha256: Buffer): string {
  return createHmac("sha256", key).update(chunkSha256).digest("hex");
}

/** HKDF-SHA-256 with an empty salt, 32 bytes (docs/format.md §1). */
export function deriveKey(key: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", info, KEY_BYTES));
}

/**
 * Seals `bytes`, whose SHA-256 is `bytesSha256`, into `into` at `at` (F-20); returns the offset behind it, `SEAL_BYTES` more
 * than the bytes. RefusedEffect for a context outside the table.
 */
export function sealInto(
  into: Buffer,
  at: number,
  root: Buffer,
  context: string,
  bytes: Uint8Array,
  bytesSha256: Buffer,
): number {
  const { cipher, nonce } = withKeys(root, context, ({ key, nonceKey }) => {
    const nonce = deriveNonce(nonceKey, bytesSha256);
    return { nonce, cipher: createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context, "latin1")) };
  });
  into.set(nonce, at);
  let to = at + NONCE_BYTES;
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = cipher.update(bytes.subarray(from, from + PIECE_BYTES));
    into.set(piece, to);
    to += piece.length;
    release(piece);
  }
  cipher.final();
  into.set(cipher.getAuthTag(), to);
  return to + TAG_BYTES;
}

/** `bytes` sealed, in a new buffer. */
export function seal(root: Buffer, context: string, bytes: Uint8Array): Buffer {
  const sealed = Buffer.alloc(bytes.length + SEAL_BYTES);
  sealInto(sealed, 0, root, context, bytes, sha256(bytes));
  return sealed;
}

/** What opening gives: bytes that are a part of what was sealed, or why there are none. */
export type Opened =
  | { readonly kind: "opened"; readonly bytes: Buffer }
  | { readonly kind: "not-authentic" }
  | { readonly kind: "other-content" };

/**
 * Opens `sealed` in its own place, as effects open: authentic under this root and context, nonce included (F-21), and where
 * the context names a content, that content and no other under `digestKey` (F-23). When it is not opened, the content of
 * `sealed` is undefined. RefusedEffect for a context outside the table, and for one of a content without a key.
 */
export function openInPlace(root: Buffer, digestKey: Buffer | null, context: string, sealed: Buffer): Opened {
  const id = CONTENT.exec(context)?.[1];
  if (id !== undefined && digestKey === null) throw new RefusedEffect("expected the key that names contents");
  const opened = openBare(root, context, sealed);
  if (opened === null) return { kind: "not-authentic" };
  if (id === undefined || digestKey === null) return { kind: "opened", bytes: opened.bytes };
  const digest = createHmac("sha256", digestKey).update(opened.bytesSha256).digest();
  if (timingSafeEqual(digest, Buffer.from(id, "hex"))) return { kind: "opened", bytes: opened.bytes };
  opened.bytes.fill(0);
  return { kind: "other-content" };
}

/** The bare construction of F-21: the opened bytes and their SHA-256, or null. No effect opens by it alone. */
export function openBare(
  root: Buffer,
  context: string,
  sealed: Buffer,
): { readonly bytes: Buffer; readonly bytesSha256: Buffer } | null {
  return withKeys(root, context, (keys) => openUnder(keys, context, sealed));
}

function openUnder({ key, nonceKey }: Keys, context: string, sealed: Buffer): ReturnType<typeof openBare> {
  if (sealed.length < SEAL_BYTES) return null;
  const nonce = Buffer.from(sealed.subarray(0, NONCE_BYTES));
  const box = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context, "latin1"))
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  for (let from = 0; from < box.length; from += PIECE_BYTES) {
    const piece = decipher.update(box.subarray(from, from + PIECE_BYTES));
    box.set(piece, from);
    // It may have been a key.
    release(piece.fill(0));
  }
  try {
    decipher.final();
  } catch {
    return null;
  }
  const bytesSha256 = sha256(box);
  return timingSafeEqual(nonce, deriveNonce(nonceKey, bytesSha256)) ? { bytes: box, bytesSha256 } : null;
}

/** Whether `text` is a row of the table, with numbers up to 2^53 - 1. */
function isContext(text: string): boolean {
  return (
    CONTEXT.test(text) &&
    (text.match(LONG_NUMBER) ?? []).every((digits) => Number.isSafeInteger(Number(digits.slice(1))))
  );
}

interface Keys {
  readonly key: Buffer;
  readonly nonceKey: Buffer;
}

/** The nonce of bytes with this SHA-256 (F-20). */
function deriveNonce(nonceKey: Buffer, bytesSha256: Buffer): Buffer {
  return createHmac("sha256", nonceKey).update(bytesSha256).digest().subarray(0, NONCE_BYTES);
}

/** Calls `work` with the keys of a context, which are overwritten when it has returned. */
function withKeys<T>(root: Buffer, context: string, work: (keys: Keys) => T): T {
  const keys = expandKeys(root, context);
  try {
    return work(keys);
  } finally {
    keys.key.fill(0);
    keys.nonceKey.fill(0);
  }
}

/** HKDF-Expand to 64 bytes (RFC 5869 §2.3): two blocks, a key each. */
function expandKeys(root: Buffer, context: string): Keys {
  if (root.length !== KEY_BYTES) throw new RefusedEffect("expected a root of 32 bytes");
  if (!isContext(context)) throw new RefusedEffect("expected a context of the table");
  const info = Buffer.from(context, "latin1");
  const key = createHmac("sha256", root).update(info).update(Buffer.of(1)).digest();
  return { key, nonceKey: createHmac("sha256", root).update(key).update(info).update(Buffer.of(2)).digest() };
}

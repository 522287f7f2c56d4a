// Text forms of bytes, ids and times as they stand in JSON and paths (P-1). Rule: one value has one text.

import { createHash } from "node:crypto";
import { malformed } from "./refusal.ts";

declare const idBrand: unique symbol;

/** 32 bytes as 64 lower-case hex digits: a vault, device or blob id, or a hash. */
export type Id = string & { readonly [idBrand]: true };

/** 64 zeros: the hash before the first record. */
export const ZERO_ID: Id = "0".repeat(64) as Id;

const ID = /^[0-9a-f]{64}$/;
const LOGIN = /^[a-z0-9._@-]{3,64}$/;

/** The id that `text` spells; Refusal `malformed` otherwise. */
export function parseId(text: string): Id {
  if (!ID.test(text)) throw malformed("an id is 64 lower-case hex digits");
  return text as Id;
}

/** The id of 32 bytes. */
export function formatId(bytes: Uint8Array): Id {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex") as Id;
}

/** The 32 bytes of an id. */
export function idBytes(id: Id): Uint8Array {
  return new Uint8Array(Buffer.from(id, "hex"));
}

/** The login that `text` spells: 3–64 of `a-z 0-9 . _ @ -` (docs/format.md, glossary); Refusal `malformed` otherwise. */
export function parseLogin(text: string): string {
  if (!LOGIN.test(text)) throw malformed("a login is 3 to 64 of a-z 0-9 . _ @ -");
  return text;
}

/** The bytes of base64 with padding in its only form (RFC 4648 §4); Refusal `malformed` otherwise. */
export function parseBase64(text: string, sizeBytes: number | null = null): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw malformed("expected base64 with padding");
  if (sizeBytes !== null && bytes.length !== sizeBytes) throw malformed(`expected ${sizeBytes} bytes in base64`);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Base64 with padding. */
export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** RFC 3339 in UTC, with milliseconds. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** SHA-256 of the bytes, as an id. */
export function hashId(bytes: Uint8Array): Id {
  return createHash("sha256").update(bytes).digest("hex") as Id;
}

/** SHA-256 of the parts, one behind the other. */
export function hashBytes(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

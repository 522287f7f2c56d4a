// SHA-256 and what is built from it. Rule: @noble/hashes is called with bytes only; given strings, it would need a
// TextEncoder.

import { extract, expand as hkdfExpand } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as digest } from "@noble/hashes/sha2.js";

const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return digest(bytes);
}

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(digest, key, bytes);
}

/** HKDF-Extract with SHA-256 (RFC 5869 §2.2), 32 bytes. */
export function extractKey(salt: Uint8Array, material: Uint8Array): Uint8Array {
  return extract(digest, material, salt);
}

/** HKDF-Expand with SHA-256 (RFC 5869 §2.3); `length` is 1 to 8,160 bytes. */
export function expand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdfExpand(digest, key, info, length);
}

/** `HKDF(key, info)` of docs/format.md 1: extract with an empty salt, then expand to 32 bytes. */
export function hkdf(key: Uint8Array, info: Uint8Array): Uint8Array {
  return expand(extractKey(NO_SALT, key), info, KEY_BYTES);
}

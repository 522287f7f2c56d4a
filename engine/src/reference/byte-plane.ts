// The byte plane in TypeScript: the constructions that every host has natively (docs/format.md 2 and 3). Rule: this is
// what hosts are compared with, byte for byte, so it is plain and never in a bundle that phones load.

import { gcm } from "@noble/ciphers/aes.js";
import { argon2id as nobleArgon2id } from "@noble/hashes/argon2.js";
import { asciiBytes, concatBytes, equalBytes, fromHex } from "../bytes.ts";
import { expand, hkdf, hmacSha256, sha256 } from "../crypto/hash.ts";
import { invariant } from "../errors.ts";
import type { KdfCost } from "../format/contexts.ts";
import { contentIdOf, isContext } from "../format/contexts.ts";
import { checkKdf } from "../format/vault-object.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keyed digest: HMAC-SHA-256(key, SHA-256(bytes)), 32 bytes. */
export function keyedDigest(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmacSha256(key, sha256(bytes));
}

/** Audit answer: SHA-256(nonce ‖ bytes), 32 bytes. */
export function auditAnswer(nonce: Uint8Array, bytes: Uint8Array): Uint8Array {
  return sha256(concatBytes(nonce, bytes));
}

/** `bytes` sealed under a 32-byte root: 28 bytes longer, the same each time. An InvariantError for a context outside the table. */
export function seal(root: Uint8Array, context: string, bytes: Uint8Array): Uint8Array {
  const keys = sealKeys(root, context);
  const nonce = nonceFor(keys.nonceKey, bytes);
  return concatBytes(nonce, gcm(keys.key, nonce, asciiBytes(context)).encrypt(bytes));
}

/** What was sealed, or null when the bytes are not authentic under this root and context, their nonce included (F-21). */
export function open(root: Uint8Array, context: string, sealed: Uint8Array): Uint8Array | null {
  const keys = sealKeys(root, context);
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = sealed.slice(0, NONCE_BYTES);
  const bytes = decrypt(keys.key, nonce, context, sealed.slice(NONCE_BYTES));
  if (bytes === null) return null;
  return equalBytes(nonce, nonceFor(keys.nonceKey, bytes)) ? bytes : null;
}

/**
 * As `open`, and where the context names a content, that content alone (F-23): null for another one. An InvariantError for
 * such a context without a key.
 */
export function openContent(
  root: Uint8Array,
  digestKey: Uint8Array | null,
  context: string,
  sealed: Uint8Array,
): Uint8Array | null {
  const id = contentIdOf(context);
  invariant(id === null || digestKey !== null, "expected the key that names contents");
  const bytes = open(root, context, sealed);
  if (bytes === null || id === null || digestKey === null) return bytes;
  return equalBytes(keyedDigest(digestKey, bytes), fromHex(id)) ? bytes : null;
}

/** `HKDF(key, info)` with an ASCII info text, 32 bytes. */
export function derive(key: Uint8Array, info: string): Uint8Array {
  return hkdf(key, asciiBytes(info));
}

/** Argon2id 0x13 (RFC 9106) of the UTF-8 of an NFKD passphrase, 32 bytes; `peer-kdf-refused` for a cost outside F-11. */
export function argon2id(passphraseUtf8: Uint8Array, salt: Uint8Array, kdf: KdfCost): Uint8Array {
  checkKdf(kdf);
  const cost = { m: kdf.memoryKiB, t: kdf.passes, p: kdf.lanes };
  return nobleArgon2id(passphraseUtf8, salt, { ...cost, version: 0x13, dkLen: KEY_BYTES, maxmem: 2 ** 31 });
}

function sealKeys(root: Uint8Array, context: string): { key: Uint8Array; nonceKey: Uint8Array } {
  invariant(root.length === KEY_BYTES, "a root has 32 bytes");
  invariant(isContext(context), "expected a context of the table");
  const keys = expand(root, asciiBytes(context), 2 * KEY_BYTES);
  return { key: keys.slice(0, KEY_BYTES), nonceKey: keys.slice(KEY_BYTES) };
}

function nonceFor(nonceKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmacSha256(nonceKey, sha256(bytes)).slice(0, NONCE_BYTES);
}

function decrypt(key: Uint8Array, nonce: Uint8Array, context: string, box: Uint8Array): Uint8Array | null {
  try {
    return gcm(key, nonce, asciiBytes(context)).decrypt(box);
  } catch {
    return null;
  }
}

// Ed25519 signatures. Rule: verification is that of RFC 8032 §5.1.7 with canonical encodings only, never ZIP 215: what
// one reader accepts, every reader must.

import { ed25519 } from "@noble/curves/ed25519.js";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The public key, 32 bytes, of a 32-byte seed (RFC 8032 §5.1.5). */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** The signature, 64 bytes, over `message` (RFC 8032 §5.1.6). */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/** Whether the signature holds. False too for keys and signatures of a wrong length, of small order or not canonical. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

// A stand-in for HPKE with X-Wing: takes the place of the engine's file of this name in the simulator's fast bundle. Rule:
// sizes and inputs are the real ones and a wrong seed, `enc` or context gives another root; it hides nothing from anyone
// who has the public key.

import { asciiBytes, concatBytes } from "../../../engine/src/bytes.ts";
import { expand, sha256 } from "../../../engine/src/crypto/hash.ts";

export const KEM_SEED_BYTES = 32;
export const KEM_KEY_BYTES = 1_216;
export const ENC_BYTES = 1_120;

const KEY_HEAD_BYTES = 32;

export function kemPublicKey(seed: Uint8Array): Uint8Array {
  return expand(seed, asciiBytes("simulated key"), KEM_KEY_BYTES);
}

export function exportRootTo(
  publicKey: Uint8Array,
  context: string,
  entropy64: Uint8Array,
): { enc: Uint8Array; root: Uint8Array } {
  const enc = expand(sha256(entropy64), asciiBytes("simulated enc"), ENC_BYTES);
  return { enc, root: rootOf(publicKey, enc, context) };
}

export function exportRootFrom(seed: Uint8Array, enc: Uint8Array, context: string): Uint8Array {
  return rootOf(kemPublicKey(seed), enc, context);
}

function rootOf(publicKey: Uint8Array, enc: Uint8Array, context: string): Uint8Array {
  return sha256(concatBytes(publicKey.subarray(0, KEY_HEAD_BYTES), sha256(enc), asciiBytes(context)));
}

// HPKE in base mode (RFC 9180) with X-Wing, HKDF-SHA-256 and the export-only AEAD. Rule: only the exporter is used; what
// it gives is the root of a `seal`, so HPKE itself never seals anything (docs/format.md 3).

import { ml_kem768_x25519 as xWing } from "@noble/post-quantum/hybrid.js";
import { asciiBytes, concatBytes } from "../bytes.ts";
import { CoffreError, invariant } from "../errors.ts";
import { expand, extractKey } from "./hash.ts";

/** Sizes of X-Wing (draft-connolly-cfrg-xwing-kem §5.3), in bytes. */
export const KEM_SEED_BYTES = 32;
export const KEM_KEY_BYTES = 1_216;
export const ENC_BYTES = 1_120;

const ENTROPY_BYTES = 64;
const ROOT_BYTES = 32;
const HASH_BYTES = 32;
const EMPTY = new Uint8Array(0);
const MODE_BASE = Uint8Array.of(0x00);
const EXPORTER_CONTEXT = asciiBytes("coffre/1/root");

/** The AEAD that only exports (RFC 9180 §7.3). */
const EXPORT_ONLY = 0xffff;
const VERSION_LABEL = asciiBytes("HPKE-v1");

/** The X-Wing public key, 1,216 bytes, of a 32-byte seed. */
export function kemPublicKey(seed: Uint8Array): Uint8Array {
  invariant(seed.length === KEM_SEED_BYTES, "an X-Wing seed has 32 bytes");
  return xWing.getPublicKey(seed);
}

/**
 * A root that only the holder of the key's seed can compute again: `enc` (1,120 bytes) goes beside the sealed bytes, the
 * 32-byte `root` into the `seal` under the same context. `entropy64` is used once: 32 bytes for ML-KEM, then 32 for
 * X25519 (X-Wing §5.4.1). `peer-malformed` when the public key is not one.
 */
export function exportRootTo(
  publicKey: Uint8Array,
  context: string,
  entropy64: Uint8Array,
): { enc: Uint8Array; root: Uint8Array } {
  const { enc, sharedSecret } = encapsulate(publicKey, entropy64);
  return { enc, root: exportRoot(sharedSecret, context) };
}

/** The root that `exportRootTo` gave with `enc`; another one for any other seed or context. `peer-malformed` when `enc` is not one. */
export function exportRootFrom(seed: Uint8Array, enc: Uint8Array, context: string): Uint8Array {
  return exportRoot(decapsulate(seed, enc), context);
}

/** X-Wing's EncapsulateDerand (§5.4.1): `enc` and the shared secret of 32 bytes. */
export function encapsulate(
  publicKey: Uint8Array,
  entropy64: Uint8Array,
): { enc: Uint8Array; sharedSecret: Uint8Array } {
  invariant(entropy64.length === ENTROPY_BYTES, "encapsulation takes 64 bytes of entropy");
  if (publicKey.length !== KEM_KEY_BYTES) throw malformed("an X-Wing public key of 1,216 bytes");
  try {
    const { cipherText, sharedSecret } = xWing.encapsulate(publicKey, entropy64);
    return { enc: cipherText, sharedSecret };
  } catch {
    throw malformed("a valid X-Wing public key");
  }
}

/** X-Wing's Decapsulate (§5.5): the shared secret, or one that means nothing when `enc` is for another seed. */
export function decapsulate(seed: Uint8Array, enc: Uint8Array): Uint8Array {
  invariant(seed.length === KEM_SEED_BYTES, "an X-Wing seed has 32 bytes");
  if (enc.length !== ENC_BYTES) throw malformed("an X-Wing encapsulation of 1,120 bytes");
  try {
    return xWing.decapsulate(enc, seed);
  } catch {
    throw malformed("a valid X-Wing encapsulation");
  }
}

/** `Export("coffre/1/root", 32)` in the context that this shared secret and `info` set up. */
function exportRoot(sharedSecret: Uint8Array, info: string): Uint8Array {
  return exportSecret(sharedSecret, asciiBytes(info), EXPORTER_CONTEXT, ROOT_BYTES);
}

/**
 * KeySchedule and Export of RFC 9180 §5.1 and §5.3 in base mode, from the KEM's shared secret on. `aeadId` is only ever
 * another one than export-only where published vectors are checked.
 */
export function exportSecret(
  sharedSecret: Uint8Array,
  info: Uint8Array,
  exporterContext: Uint8Array,
  lengthBytes: number,
  aeadId: number = EXPORT_ONLY,
): Uint8Array {
  const suite = suiteId(aeadId);
  const pskIdHash = labeledExtract(suite, EMPTY, "psk_id_hash", EMPTY);
  const infoHash = labeledExtract(suite, EMPTY, "info_hash", info);
  const scheduleContext = concatBytes(MODE_BASE, pskIdHash, infoHash);
  const secret = labeledExtract(suite, sharedSecret, "secret", EMPTY);
  const exporterSecret = labeledExpand(suite, secret, "exp", scheduleContext, HASH_BYTES);
  return labeledExpand(suite, exporterSecret, "sec", exporterContext, lengthBytes);
}

/** "HPKE", KEM 0x647A (X-Wing), KDF 0x0001 (HKDF-SHA-256), AEAD (RFC 9180 §5.1). */
function suiteId(aeadId: number): Uint8Array {
  return concatBytes(asciiBytes("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, aeadId >> 8, aeadId & 255));
}

/** RFC 9180 §4. */
function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return extractKey(salt, concatBytes(VERSION_LABEL, suite, asciiBytes(label), material));
}

/** RFC 9180 §4. */
function labeledExpand(
  suite: Uint8Array,
  key: Uint8Array,
  label: string,
  info: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const length = Uint8Array.of(lengthBytes >> 8, lengthBytes & 255);
  return expand(key, concatBytes(length, VERSION_LABEL, suite, asciiBytes(label), info), lengthBytes);
}

function malformed(expected: string): CoffreError {
  return new CoffreError("peer-malformed", `expected ${expected}`);
}

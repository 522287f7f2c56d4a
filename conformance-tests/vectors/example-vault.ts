// One small vault whose keys come from constants: what the vectors of structures are about. Rule: nothing here is secret
// and nothing is random.

import { ed25519PublicKey } from "../../engine/src/crypto/ed25519.ts";
import { exportRootTo, kemPublicKey } from "../../engine/src/crypto/hpke.ts";
import { deriveVaultKeys, deviceIdOf } from "../../engine/src/crypto/vault-keys.ts";
import { epochContext, nameContext, recoveryWrapContext, wrapContext } from "../../engine/src/format/contexts.ts";
import { encodeEnvelope } from "../../engine/src/format/envelope.ts";
import { encodeCertificate, padName } from "../../engine/src/format/roster.ts";
import { signPayload } from "../../engine/src/format/signed.ts";
import { NEW_VAULT_KDF, type VaultObject } from "../../engine/src/format/vault-object.ts";
import { type Digest, digestOf } from "../../engine/src/ids.ts";
import { derive, seal } from "../../engine/src/reference/byte-plane.ts";
import { hex, run } from "./area.ts";

export const SECRET: Uint8Array = run(32, 1);
export const KEYS = deriveVaultKeys(SECRET);
export const DEVICE_SEED: Uint8Array = run(32, 50);
export const DEVICE_KEY = ed25519PublicKey(DEVICE_SEED);
export const DEVICE = deviceIdOf(DEVICE_KEY);
export const EPOCH_SECRET: Uint8Array = run(32, 90);
export const SALT: Uint8Array = run(16, 30);

/** The digest whose bytes all are `byte`. */
export function digest(byte: number): Digest {
  return digestOf(new Uint8Array(32).fill(byte));
}

/** The vault object of the example; the unlock keys are constants. */
export function vaultObject(): VaultObject {
  return {
    vault: KEYS.vault,
    number: 1,
    login: "ada@example.org",
    loginHash: digest(1),
    recoveryLoginHash: digest(2),
    kdf: NEW_VAULT_KDF,
    salt16: SALT,
    wrap: seal(run(32, 60), wrapContext(KEYS.vault, NEW_VAULT_KDF, hex(SALT)), SECRET),
    recoveryWrap: seal(run(32, 70), recoveryWrapContext(KEYS.vault), SECRET),
    signingKey: KEYS.signingKey,
    kemKey: KEYS.kemKey,
    generation: 0,
  };
}

/** The payload of the example device's certificate. */
export function certificate(): Uint8Array {
  const kemKey = kemPublicKey(run(32, 80));
  return encodeCertificate({
    vault: KEYS.vault,
    device: DEVICE,
    signingKey: DEVICE_KEY,
    kemKey,
    createdAtMs: 1_700_000_000_000,
  });
}

/** The roster's row of the example device. */
export function rosterDevice(): { device: typeof DEVICE; certificate: Uint8Array; sealedName: Uint8Array } {
  const name = padName("phone");
  if (name === null) throw new Error("a name of the example is too long");
  const sealedName = seal(derive(SECRET, "coffre/1/names"), nameContext(KEYS.vault, DEVICE), name);
  return { device: DEVICE, certificate: signPayload("certificate", certificate(), KEYS.signingSeed), sealedName };
}

/** The payload of the envelope of epoch 1. */
export function envelope(): Uint8Array {
  const context = epochContext(KEYS.vault, DEVICE, 1);
  const { enc, root } = exportRootTo(KEYS.kemKey, context, run(64, 5));
  return encodeEnvelope({
    vault: KEYS.vault,
    device: DEVICE,
    number: 1,
    enc,
    sealed: seal(root, context, EPOCH_SECRET),
  });
}

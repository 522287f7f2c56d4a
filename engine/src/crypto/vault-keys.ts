// Which key comes from which (docs/format.md 2). Rule: the info texts stand here and nowhere else; where a key is a
// slot's of the host, only its text leaves this file.

import { asciiBytes, concatBytes, toHex } from "../bytes.ts";
import { invariant } from "../errors.ts";
import type { DeviceId, VaultId } from "../ids.ts";
import { digestOf } from "../ids.ts";
import { ed25519PublicKey } from "./ed25519.ts";
import { hkdf, sha256 } from "./hash.ts";
import { kemPublicKey } from "./hpke.ts";

const SECRET_BYTES = 32;
const SALT_BYTES = 16;

/** The HKDF info texts of docs/format.md 2; the functions take the server's signing key, 32 bytes. */
export const INFO = {
  login: (serverKey: Uint8Array): string => `coffre/1/login/${toHex(sha256(serverKey))}`,
  unlock: "coffre/1/unlock",
  recoveryLogin: (serverKey: Uint8Array): string => `coffre/1/recovery-login/${toHex(sha256(serverKey))}`,
  recoveryUnlock: "coffre/1/recovery-unlock",
  vaultSign: "coffre/1/vault-sign",
  vaultKem: "coffre/1/vault-kem",
  dedup: "coffre/1/dedup",
  names: "coffre/1/names",
  chunkRoot: "coffre/1/chunk-root",
  recordRoot: "coffre/1/record-root",
} as const;

/** A vault's key pairs: seeds of 32 bytes, `signingKey` 32, `kemKey` 1,216. */
export interface VaultKeys {
  readonly signingSeed: Uint8Array;
  readonly signingKey: Uint8Array;
  readonly kemSeed: Uint8Array;
  readonly kemKey: Uint8Array;
  readonly vault: VaultId;
}

/** The key pairs and the id that come from a vault secret of 32 bytes. */
export function deriveVaultKeys(secret: Uint8Array): VaultKeys {
  invariant(secret.length === SECRET_BYTES, "a vault secret has 32 bytes");
  const signingSeed = hkdf(secret, asciiBytes(INFO.vaultSign));
  const kemSeed = hkdf(secret, asciiBytes(INFO.vaultKem));
  const signingKey = ed25519PublicKey(signingSeed);
  const kemKey = kemPublicKey(kemSeed);
  return { signingSeed, signingKey, kemSeed, kemKey, vault: vaultIdOf(signingKey, kemKey) };
}

/** The id of the vault with these public keys (F-14). */
export function vaultIdOf(signingKey: Uint8Array, kemKey: Uint8Array): VaultId {
  return digestOf(sha256(concatBytes(signingKey, kemKey))) as VaultId;
}

/** The id of the device with this signing key (F-14). */
export function deviceIdOf(signingKey: Uint8Array): DeviceId {
  return digestOf(sha256(signingKey)) as DeviceId;
}

/** Argon2id's salt, 16 bytes, from a login in lower case and the vault's 16 random bytes. */
export function argonSalt(login: string, salt16: Uint8Array): Uint8Array {
  invariant(salt16.length === SALT_BYTES, "a salt has 16 bytes");
  invariant(login.length > 0 && login.length < 256, "a login has 1 to 255 bytes");
  const text = asciiBytes(login);
  const bytes = concatBytes(asciiBytes("coffre/1/kdf"), Uint8Array.of(text.length), text, salt16);
  return sha256(bytes).slice(0, SALT_BYTES);
}

// The vault object (docs/format.md 4): what anyone may know of a vault, and both wraps of its secret. Rule: parameters
// of the passphrase's hash outside F-11 are refused here, before anything is hashed with them.

import { toHex } from "../bytes.ts";
import { vaultIdOf } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import type { Digest, VaultId } from "../ids.ts";
import type { CborValue } from "./cbor.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import type { KdfCost } from "./contexts.ts";
import {
  FORMAT_VERSION,
  malformed,
  readArray,
  readBytes,
  readId,
  readInteger,
  readStructure,
  readText,
} from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import { signedHash } from "./signed.ts";

/** The fields as `docs/format.md` 4 has them; `generation` is 0 in this version. */
export interface VaultObject {
  readonly vault: VaultId;
  readonly number: number;
  readonly login: string;
  readonly loginHash: Digest;
  readonly recoveryLoginHash: Digest;
  readonly kdf: KdfCost;
  readonly salt16: Uint8Array;
  readonly wrap: Uint8Array;
  readonly recoveryWrap: Uint8Array;
  readonly signingKey: Uint8Array;
  readonly kemKey: Uint8Array;
  readonly generation: number;
}

/** What a new vault's passphrase is hashed with (F-11). */
export const NEW_VAULT_KDF: KdfCost = { memoryKiB: 65_536, passes: 3, lanes: 4 };

const SALT_BYTES = 16;
/** 32 bytes, sealed. */
const WRAP_BYTES = 60;
const SIGNING_KEY_BYTES = 32;
const KEM_KEY_BYTES = 1_216;
const MAX_LOGIN_BYTES = 64;
const LOGIN = /^[A-Za-z0-9._@-]{3,64}$/;

/** A payload for kind `vault-object`. */
export function encodeVaultObject(v: VaultObject): Uint8Array {
  const { memoryKiB, passes, lanes } = v.kdf;
  return encodeCbor([
    FORMAT_VERSION,
    idBytes(v.vault),
    v.number,
    v.login,
    idBytes(v.loginHash),
    idBytes(v.recoveryLoginHash),
    [memoryKiB, passes, lanes],
    v.salt16,
    v.wrap,
    v.recoveryWrap,
    v.signingKey,
    v.kemKey,
    v.generation,
  ]);
}

/** The fields of a payload; `peer-malformed`, and `peer-kdf-refused` as `checkKdf`. The vault's id fits its keys (F-14). */
export function decodeVaultObject(payload: Uint8Array): VaultObject {
  const fields = readStructure(decodeCbor(payload), 13);
  const signingKey = readBytes(fields[10], SIGNING_KEY_BYTES);
  const kemKey = readBytes(fields[11], KEM_KEY_BYTES);
  const vault = readId<VaultId>(fields[1]);
  if (vaultIdOf(signingKey, kemKey) !== vault) throw malformed("the vault id of these keys");
  return {
    vault,
    number: readInteger(fields[2], 1),
    login: readLogin(fields[3]),
    loginHash: readId(fields[4]),
    recoveryLoginHash: readId(fields[5]),
    kdf: readKdf(fields[6]),
    salt16: readBytes(fields[7], SALT_BYTES),
    wrap: readBytes(fields[8], WRAP_BYTES),
    recoveryWrap: readBytes(fields[9], WRAP_BYTES),
    signingKey,
    kemKey,
    generation: readInteger(fields[12], 0, 0),
  };
}

/** The tag of a vault object: SHA-256 of its signed bytes. */
export function vaultObjectTag(signedBytes: Uint8Array): Digest {
  return signedHash(signedBytes);
}

/** Throws `peer-kdf-refused` unless the cost lies within F-11, whatever the server says. */
export function checkKdf(kdf: KdfCost): void {
  const { memoryKiB, passes, lanes } = kdf;
  const fine = isWithin(memoryKiB, 65_536, 1_048_576) && isWithin(passes, 3, 16) && isWithin(lanes, 1, 4);
  if (!fine) throw new CoffreError("peer-kdf-refused", "expected 64 MiB to 1 GiB, 3 to 16 passes and 1 to 4 lanes");
}

/** The login in lower case, or null when it is not 3–64 of `a-z 0-9 . _ @ -`. */
export function parseLogin(text: string): string | null {
  return LOGIN.test(text) ? text.toLowerCase() : null;
}

/** Salt16 as the wrap's context has it. */
export function saltText(salt16: Uint8Array): string {
  return toHex(salt16);
}

function readLogin(value: CborValue | undefined): string {
  const text = readText(value, 3, MAX_LOGIN_BYTES);
  if (parseLogin(text) !== text) throw malformed("a login in lower case");
  return text;
}

function readKdf(value: CborValue | undefined): KdfCost {
  const [memoryKiB, passes, lanes] = readArray(value, 3);
  const kdf = { memoryKiB: readInteger(memoryKiB, 0), passes: readInteger(passes, 0), lanes: readInteger(lanes, 0) };
  checkKdf(kdf);
  return kdf;
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

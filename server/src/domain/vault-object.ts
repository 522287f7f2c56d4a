// The vault object as a server reads it (docs/format.md 4). Rule: a structure is either wholly valid or refused.

import { decodeItem, readBytes, readFields, readInteger, readText } from "./cbor.ts";
import { formatId, hashBytes, hashId, type Id, parseLogin } from "./encodings.ts";
import { malformed } from "./refusal.ts";
import { decodeSigned, isSignedBy } from "./signed-bytes.ts";

/** The fields that the server keeps or checks. */
export type VaultObject = {
  readonly vault: Id;
  readonly number: number;
  readonly login: string;
  /** SHA-256 of the login key and of the recovery login key (F-30). */
  readonly loginHash: Uint8Array;
  readonly recoveryLoginHash: Uint8Array;
  readonly derivation: Derivation;
  readonly signingKey: Uint8Array;
  readonly kemKey: Uint8Array;
  /** SHA-256 of the signed bytes. */
  readonly tag: Id;
};

/** Argon2id's parameters within the bounds of F-11, and the salt. */
export type Derivation = {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt16: Uint8Array;
};

/** X-Wing public keys (docs/format.md 2). */
export const KEM_KEY_BYTES = 1216;

/** Reads a vault object signed by the key inside it; Refusal `malformed` when ids, keys, ranges or signature differ. */
export function parseVaultObject(bytes: Uint8Array): VaultObject {
  const signedBytes = decodeSigned(bytes);
  const fields = readFields(decodeItem(signedBytes.payload), 13);
  const signingKey = readBytes(fields[10], 32);
  if (!isSignedBy(signedBytes, "vault-object", signingKey)) {
    throw malformed("the signature over the vault-object does not hold");
  }
  const [memory, passes, lanes] = readFields(fields[6], 3);
  readInteger(fields[0], 1, 1);
  readBytes(fields[8], 60);
  readBytes(fields[9], 60);
  readInteger(fields[12], 0, 0);
  const kemKey = readBytes(fields[11], KEM_KEY_BYTES);
  const vault = readBytes(fields[1], 32);
  if (Buffer.compare(vault, hashBytes(signingKey, kemKey)) !== 0)
    throw malformed("the vault id is not that of its keys");
  return {
    vault: formatId(vault),
    number: readInteger(fields[2], 1),
    login: parseLogin(readText(fields[3])),
    loginHash: readBytes(fields[4], 32),
    recoveryLoginHash: readBytes(fields[5], 32),
    derivation: {
      memoryKiB: readInteger(memory, 65_536, 1_048_576),
      passes: readInteger(passes, 3, 16),
      lanes: readInteger(lanes, 1, 4),
      salt16: readBytes(fields[7], 16),
    },
    signingKey,
    kemKey,
    tag: hashId(bytes),
  };
}

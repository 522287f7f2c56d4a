// Signed bytes: `[payload, signature]` (docs/format.md F-4). Rule: the signature is checked over the payload's bytes as
// they came before any field of it is used (F-5), so the payload leaves `openSigned` only when it holds.

import { asciiBytes, concatBytes } from "../bytes.ts";
import { ed25519Sign, ed25519Verify } from "../crypto/ed25519.ts";
import { sha256 } from "../crypto/hash.ts";
import { CoffreError } from "../errors.ts";
import type { Digest } from "../ids.ts";
import { digestOf } from "../ids.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { readAnyBytes, readArray, readBytes } from "./fields.ts";

/** What a signature may be over; a part of the signed message, so that no signature serves for another kind. */
export type SignedKind =
  | "vault-object"
  | "roster"
  | "certificate"
  | "epoch"
  | "challenge"
  | "receipt"
  | "second-factor"
  | "base"
  | "drop"
  | "move";

const SIGNATURE_BYTES = 64;

/** The message that is signed: `"coffre/1/" ‖ kind ‖ 0x00 ‖ payload`. */
export function signedMessage(kind: SignedKind, payload: Uint8Array): Uint8Array {
  return concatBytes(asciiBytes(`coffre/1/${kind}\0`), payload);
}

/** Signed bytes from a payload and its signature of 64 bytes. */
export function encodeSigned(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCbor([payload, signature]);
}

/** The two halves, unverified; `peer-malformed` when `bytes` are not signed bytes. */
export function decodeSigned(bytes: Uint8Array): { payload: Uint8Array; signature: Uint8Array } {
  const [payload, signature] = readArray(decodeCbor(bytes), 2);
  return { payload: readAnyBytes(payload), signature: readBytes(signature, SIGNATURE_BYTES) };
}

/** Signed bytes over `payload` by the holder of a 32-byte seed. */
export function signPayload(kind: SignedKind, payload: Uint8Array, seed: Uint8Array): Uint8Array {
  return encodeSigned(payload, ed25519Sign(seed, signedMessage(kind, payload)));
}

/** The payload, whose signature by `publicKey` holds; `peer-malformed` or `peer-bad-signature` otherwise. */
export function openSigned(kind: SignedKind, bytes: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const { payload, signature } = decodeSigned(bytes);
  if (!ed25519Verify(publicKey, signedMessage(kind, payload), signature)) {
    throw new CoffreError("peer-bad-signature", `the signature of a ${kind} does not hold`);
  }
  return payload;
}

/** SHA-256 of signed bytes: a vault object's tag, an envelope's hash. */
export function signedHash(bytes: Uint8Array): Digest {
  return digestOf(sha256(bytes));
}

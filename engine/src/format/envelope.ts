// An epoch's envelope (docs/format.md 5): the epoch secret, which only the vault's KEM seed opens again. Rule: its hash
// is over its signed bytes, so a record names one envelope and no other.

import type { DeviceId, Digest, VaultId } from "../ids.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { FORMAT_VERSION, readBytes, readId, readInteger, readStructure } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import { signedHash } from "./signed.ts";

/** `enc` is HPKE's 1,120 bytes, `sealed` the epoch secret in 60. */
export interface Envelope {
  readonly vault: VaultId;
  readonly device: DeviceId;
  readonly number: number;
  readonly enc: Uint8Array;
  readonly sealed: Uint8Array;
}

const ENC_BYTES = 1_120;
const SEALED_BYTES = 60;

/** A payload for kind `epoch`. */
export function encodeEnvelope(e: Envelope): Uint8Array {
  return encodeCbor([FORMAT_VERSION, idBytes(e.vault), idBytes(e.device), e.number, e.enc, e.sealed]);
}

/** The fields of a payload; `peer-malformed`. */
export function decodeEnvelope(payload: Uint8Array): Envelope {
  const fields = readStructure(decodeCbor(payload), 6);
  return {
    vault: readId(fields[1]),
    device: readId(fields[2]),
    number: readInteger(fields[3], 1),
    enc: readBytes(fields[4], ENC_BYTES),
    sealed: readBytes(fields[5], SEALED_BYTES),
  };
}

/** What a record's header names: SHA-256 of the envelope's signed bytes. */
export function envelopeHash(signedBytes: Uint8Array): Digest {
  return signedHash(signedBytes);
}

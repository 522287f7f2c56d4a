// Answers by which a device or a vault shows a server who it is (docs/format.md 8). Rule: each names whom it is for or
// when it was made, so that it serves once and in one place.

import { sha256 } from "../crypto/hash.ts";
import type { DeviceId, Digest, VaultId } from "../ids.ts";
import { digestOf } from "../ids.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { FORMAT_VERSION, readBytes, readId, readInteger, readStructure } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";

/** `nonce` is the server's, 32 bytes; `serverKeyHash` the SHA-256 of its signing key. */
export interface ChallengeAnswer {
  readonly vault: VaultId;
  readonly device: DeviceId;
  readonly nonce: Uint8Array;
  readonly serverKeyHash: Digest;
}

/** What the owner does to the second factor; `timeMs` is the client's clock. */
export interface SecondFactor {
  readonly vault: VaultId;
  readonly action: "remove" | "enrol";
  readonly timeMs: number;
}

const NONCE_BYTES = 32;

/** SHA-256 of a server's signing key, as challenges and login keys name it. */
export function serverKeyHash(serverKey: Uint8Array): Digest {
  return digestOf(sha256(serverKey));
}

/** A payload for kind `challenge`. */
export function encodeChallenge(c: ChallengeAnswer): Uint8Array {
  return encodeCbor([FORMAT_VERSION, idBytes(c.vault), idBytes(c.device), c.nonce, idBytes(c.serverKeyHash)]);
}

/** The fields of a payload; `peer-malformed`. */
export function decodeChallenge(payload: Uint8Array): ChallengeAnswer {
  const fields = readStructure(decodeCbor(payload), 5);
  return {
    vault: readId(fields[1]),
    device: readId(fields[2]),
    nonce: readBytes(fields[3], NONCE_BYTES),
    serverKeyHash: readId(fields[4]),
  };
}

/** A payload for kind `second-factor`. */
export function encodeSecondFactor(s: SecondFactor): Uint8Array {
  return encodeCbor([FORMAT_VERSION, idBytes(s.vault), s.action === "remove" ? 0 : 1, s.timeMs]);
}

/** The fields of a payload; `peer-malformed`. */
export function decodeSecondFactor(payload: Uint8Array): SecondFactor {
  const fields = readStructure(decodeCbor(payload), 4);
  return {
    vault: readId(fields[1]),
    action: readInteger(fields[2], 0, 1) === 0 ? "remove" : "enrol",
    timeMs: readInteger(fields[3], 0),
  };
}

// A receipt (docs/format.md 8): the server's word that a record and all that it needs is durable. Rule: a file is synced
// on a verified receipt and on nothing else (F-80).

import type { DeviceId, Digest, VaultId } from "../ids.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { FORMAT_VERSION, readId, readInteger, readStructure } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";

/** How safe the server says the record is: on its own disk, or also on another machine's. */
export type Durability = "flushed" | "replicated";

/** `timeMs` is the server's clock. */
export interface Receipt {
  readonly vault: VaultId;
  readonly device: DeviceId;
  readonly number: number;
  readonly recordHash: Digest;
  readonly durability: Durability;
  readonly timeMs: number;
}

/** A payload for kind `receipt`. */
export function encodeReceipt(r: Receipt): Uint8Array {
  const durability = r.durability === "flushed" ? 0 : 1;
  return encodeCbor([
    FORMAT_VERSION,
    idBytes(r.vault),
    idBytes(r.device),
    r.number,
    idBytes(r.recordHash),
    durability,
    r.timeMs,
  ]);
}

/** The fields of a payload; `peer-malformed`. */
export function decodeReceipt(payload: Uint8Array): Receipt {
  const fields = readStructure(decodeCbor(payload), 7);
  return {
    vault: readId(fields[1]),
    device: readId(fields[2]),
    number: readInteger(fields[3], 1),
    recordHash: readId(fields[4]),
    durability: readInteger(fields[5], 0, 1) === 0 ? "flushed" : "replicated",
    timeMs: readInteger(fields[6], 0),
  };
}

// A record's header (docs/format.md 7): what the server may know of it. Rule: its bytes are kept as they came; the
// body's context and the record's hash are over them and never over an encoding made again.

import { fromHex, toHex } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { invariant } from "../errors.ts";
import type { BlobId, DeviceId, Digest, VaultId } from "../ids.ts";
import { digestOf, ZERO_DIGEST } from "../ids.ts";
import type { CborValue } from "./cbor.ts";
import { decodeCborPrefix, encodeCbor } from "./cbor.ts";
import {
  FORMAT_VERSION,
  isAscending,
  malformed,
  readAnyBytes,
  readAscendingIds,
  readBytes,
  readId,
  readInteger,
  readStructure,
} from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import { isBodySize, SEAL_OVERHEAD_BYTES } from "./ladder.ts";

/** `startId` is 32 hexadecimal digits; `checkpoint` is null in what this version writes. */
export interface RecordHeader {
  readonly vault: VaultId;
  readonly device: DeviceId;
  readonly number: number;
  readonly previousHash: Digest;
  readonly epoch: number;
  readonly envelopeHash: Digest;
  readonly startId: string;
  readonly blobs: readonly BlobId[];
  readonly referenceBlobs: readonly BlobId[];
  readonly checkpoint: Uint8Array | null;
}

/** Above this many blobs, all stand in reference blobs (F-61). */
export const MAX_NAMED_BLOBS = 1_000;
export const MAX_REFERENCE_BLOBS = 64;
/** What this client writes at most, and what it reads at most (F-63). */
export const MAX_RECORD_BYTES = 262_144;
export const MAX_READ_RECORD_BYTES = 524_288;

const KIND_RECORD = 0;
const START_ID_BYTES = 16;

/** The header's bytes; an InvariantError when its fields break F-60 or F-61. */
export function encodeRecordHeader(h: RecordHeader): Uint8Array {
  const fault = findFault(h);
  invariant(fault === null, `a record header has ${fault}`);
  const startId = fromHex(h.startId);
  invariant(startId.length === START_ID_BYTES, "a start id has 16 bytes");
  return encodeCbor([
    FORMAT_VERSION,
    KIND_RECORD,
    idBytes(h.vault),
    idBytes(h.device),
    h.number,
    idBytes(h.previousHash),
    h.epoch,
    idBytes(h.envelopeHash),
    startId,
    h.blobs.map(idBytes),
    h.referenceBlobs.map(idBytes),
    h.checkpoint,
  ]);
}

/** A record's header, its bytes, and the sealed body behind them (views of `bytes`); `peer-malformed`. */
export function decodeRecord(bytes: Uint8Array): {
  header: RecordHeader;
  headerBytes: Uint8Array;
  sealedBody: Uint8Array;
} {
  if (bytes.length > MAX_READ_RECORD_BYTES) throw malformed("a record of at most 524,288 bytes");
  const { value, endOffset } = decodeCborPrefix(bytes);
  const header = readHeader(value);
  const sealedBody = bytes.subarray(endOffset);
  if (!isBodySize(sealedBody.length - SEAL_OVERHEAD_BYTES)) throw malformed("a sealed body of a padded size");
  return { header, headerBytes: bytes.subarray(0, endOffset), sealedBody };
}

/** The record's hash: SHA-256 of header ‖ sealed body. */
export function recordHash(bytes: Uint8Array): Digest {
  return digestOf(sha256(bytes));
}

/** The hash that a body's context names: SHA-256 of the header's bytes. */
export function headerHash(headerBytes: Uint8Array): Digest {
  return digestOf(sha256(headerBytes));
}

function readHeader(value: CborValue): RecordHeader {
  const fields = readStructure(value, 12);
  readInteger(fields[1], KIND_RECORD, KIND_RECORD);
  const header: RecordHeader = {
    vault: readId(fields[2]),
    device: readId(fields[3]),
    number: readInteger(fields[4], 1),
    previousHash: readId(fields[5]),
    epoch: readInteger(fields[6], 1),
    envelopeHash: readId(fields[7]),
    startId: toHex(readBytes(fields[8], START_ID_BYTES)),
    blobs: readAscendingIds(fields[9], 0, MAX_NAMED_BLOBS),
    referenceBlobs: readAscendingIds(fields[10], 0, MAX_REFERENCE_BLOBS),
    checkpoint: fields[11] === null ? null : readAnyBytes(fields[11]),
  };
  const fault = findFault(header);
  if (fault !== null) throw malformed(fault);
  return header;
}

/** What would have been right where the fields contradict one another, or null. */
function findFault(h: RecordHeader): string | null {
  if (h.number < 1 || h.epoch < 1) return "numbers from 1 on";
  if ((h.number === 1) !== (h.previousHash === ZERO_DIGEST)) return "a previous hash, but for the first";
  if (h.blobs.length > MAX_NAMED_BLOBS) return "at most 1,000 blobs";
  if (h.referenceBlobs.length > MAX_REFERENCE_BLOBS) return "at most 64 reference blobs";
  if (h.blobs.length > 0 && h.referenceBlobs.length > 0) return "blobs or reference blobs, not both";
  if (!isAscending(h.blobs) || !isAscending(h.referenceBlobs)) return "ids in strictly ascending order";
  return null;
}

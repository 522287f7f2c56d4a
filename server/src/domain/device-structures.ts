// What devices sign or send for the server to read: envelopes, record headers, reference blobs, challenge answers
// (docs/format.md 5 to 8). Rule: a header is read, a sealed body never.

import { decodePrefix, type Item, readAnyBytes, readBytes, readFields, readInteger, readList } from "./cbor.ts";
import { formatId, hashId, type Id } from "./encodings.ts";
import { malformed } from "./refusal.ts";
import { requireAscending, requireVault } from "./roster.ts";
import { openSigned } from "./signed-bytes.ts";

export type RecordHeader = {
  readonly number: number;
  readonly previousHash: Id;
  readonly epoch: number;
  readonly envelopeHash: Id;
  readonly blobs: readonly Id[];
  readonly referenceBlobs: readonly Id[];
  /** SHA-256 of header and sealed body. */
  readonly hash: Id;
};

/** F-61: above this many, ids stand in reference blobs. */
const MAX_BLOBS = 1_000;
const MAX_REFERENCE_BLOBS = 64;
/** F-56. */
const MAX_REFERENCES = 262_144;
export const REFERENCE_BYTES = 32;
/** The smallest sealed body: nothing of it can be shorter than nonce and tag (F-20). */
const MIN_SEALED_BYTES = 28;

/** Reads a record's header; Refusal `malformed` when it is not of docs/format.md 7 or names other ids. */
export function parseRecord(bytes: Uint8Array, vault: Id, device: Id, number: number): RecordHeader {
  const { item, sizeBytes } = decodePrefix(bytes);
  const fields = readFields(item, 12);
  readInteger(fields[0], 1, 1);
  readInteger(fields[1], 0, 0);
  requireVault(fields[2], vault);
  requireDevice(fields[3], device);
  readInteger(fields[4], number, number);
  readBytes(fields[8], 16);
  if (fields[11] !== null) readAnyBytes(fields[11]);
  const named = parseNamedBlobs(fields[9], fields[10]);
  if (bytes.length - sizeBytes < MIN_SEALED_BYTES) throw malformed("the record has no sealed body");
  return {
    number,
    previousHash: formatId(readBytes(fields[5], 32)),
    epoch: readInteger(fields[6], 1),
    envelopeHash: formatId(readBytes(fields[7], 32)),
    ...named,
    hash: hashId(bytes),
  };
}

/** The `blobs` and `referenceBlobs` fields of a header (F-61); Refusal `malformed` otherwise. */
export function parseNamedBlobs(
  blobs: Item | undefined,
  referenceBlobs: Item | undefined,
): { readonly blobs: readonly Id[]; readonly referenceBlobs: readonly Id[] } {
  const ids = readList(blobs, 0, MAX_BLOBS).map((item) => formatId(readBytes(item, 32)));
  const references = readList(referenceBlobs, 0, MAX_REFERENCE_BLOBS).map((item) => formatId(readBytes(item, 32)));
  requireAscending(ids);
  requireAscending(references);
  if (ids.length > 0 && references.length > 0)
    throw malformed("blobs stand in the header or in reference blobs, not both");
  return { blobs: ids, referenceBlobs: references };
}

/**
 * Checks a reference blob (F-56) and gives its ids in pieces of at most `pieceLength`: all of them at once would be tens of
 * megabytes. Refusal `malformed` for another length or order, before the first piece.
 */
export function cutReferenceBlob(bytes: Uint8Array, pieceLength: number): Iterable<Id[]> {
  const count = bytes.length / REFERENCE_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > MAX_REFERENCES) {
    throw malformed("a reference blob is 1 to 262144 ids of 32 bytes");
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let start = REFERENCE_BYTES; start < bytes.length; start += REFERENCE_BYTES) {
    const [end, before] = [start + REFERENCE_BYTES, start - REFERENCE_BYTES];
    if (buffer.compare(buffer, before, start, start, end) <= 0) throw malformed("the ids are not ascending");
  }
  return listPieces(bytes, pieceLength);
}

function* listPieces(bytes: Uint8Array, pieceLength: number): Iterable<Id[]> {
  for (let start = 0; start < bytes.length; ) {
    const ids: Id[] = [];
    for (; start < bytes.length && ids.length < pieceLength; start += REFERENCE_BYTES) {
      ids.push(formatId(bytes.subarray(start, start + REFERENCE_BYTES)));
    }
    yield ids;
  }
}

/** Checks an envelope's signature, ids and number and gives its hash; Refusal `malformed` otherwise (F-40, P-33). */
export function parseEnvelope(bytes: Uint8Array, vault: Id, device: Id, number: number, signingKey: Uint8Array): Id {
  const fields = readFields(openSigned(bytes, "epoch", signingKey), 6);
  readInteger(fields[0], 1, 1);
  requireVault(fields[1], vault);
  requireDevice(fields[2], device);
  readInteger(fields[3], number, number);
  readBytes(fields[4], 1120);
  readBytes(fields[5], 60);
  return hashId(bytes);
}

/** The nonce and the server key's hash in a device's challenge answer (docs/format.md 8); Refusal `malformed` otherwise. */
export function parseChallengeAnswer(
  bytes: Uint8Array,
  vault: Id,
  device: Id,
  signingKey: Uint8Array,
): { readonly nonce: Uint8Array; readonly serverKeyHash: Id } {
  const fields = readFields(openSigned(bytes, "challenge", signingKey), 5);
  readInteger(fields[0], 1, 1);
  requireVault(fields[1], vault);
  requireDevice(fields[2], device);
  return { nonce: readBytes(fields[3], 32), serverKeyHash: formatId(readBytes(fields[4], 32)) };
}

function requireDevice(item: Item | undefined, device: Id): void {
  if (formatId(readBytes(item, 32)) !== device) throw malformed("the structure names another device");
}

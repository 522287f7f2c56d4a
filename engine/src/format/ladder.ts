// The sizes that a server may see (docs/format.md F-50, F-53, F-54 and §7). Rule: every stored size is a rung, so that
// it says little about what is inside.

import { invariant } from "../errors.ts";

/** A chunk, but for a file's last one: eight of them, sealed, fill a blob. */
export const CHUNK_BYTES = 983_040;
/** What sealing adds: a nonce of 12 bytes and a tag of 16 (F-20). */
export const SEAL_OVERHEAD_BYTES = 28;
/** The smallest and the largest blob. */
export const SMALLEST_BLOB_BYTES = 16_384;
export const FULL_BLOB_BYTES = 7_868_416;
/** How many chunks and lists a blob may hold (F-52). */
export const MAX_PARTS = 1_000;
/** The smallest and the largest body of a record, with its padding. */
export const SMALLEST_BODY_BYTES = 4_096;
export const MAX_BODY_BYTES = 196_608;

/** Padmé (F-54): `sizeBytes` rounded up so that at most 12 % is added; 0 to 2^31 bytes. */
export function padme(sizeBytes: number): number {
  invariant(Number.isInteger(sizeBytes) && sizeBytes >= 0 && sizeBytes <= 2 ** 31, "sizes lie between 0 and 2^31");
  // Below 2, E is 0 or nothing, and has no logarithm.
  if (sizeBytes < 2) return sizeBytes;
  const exponent = floorLog2(sizeBytes);
  const step = 2 ** (exponent - (floorLog2(exponent) + 1));
  return step <= 1 ? sizeBytes : Math.ceil(sizeBytes / step) * step;
}

/**
 * The blob for `contentBytes` of sealed chunks and lists. `paddingBytes` is how many zeros are sealed behind them (0 is
 * possible: the part is then 28 bytes), null when there is no padding part. An InvariantError for content that fits no
 * blob: below 29 bytes, or above the largest rung less 28 without being equal to it.
 */
export function blobSizeFor(contentBytes: number): { sizeBytes: number; paddingBytes: number | null } {
  invariant(Number.isInteger(contentBytes) && contentBytes > SEAL_OVERHEAD_BYTES, "a blob has at least one part");
  invariant(contentBytes <= FULL_BLOB_BYTES, "the content is larger than the largest blob");
  if (blobRungAt(contentBytes) === contentBytes) return { sizeBytes: contentBytes, paddingBytes: null };
  const sealed = contentBytes + SEAL_OVERHEAD_BYTES;
  invariant(sealed <= FULL_BLOB_BYTES, "the content leaves no room for its padding");
  const sizeBytes = blobRungAt(sealed);
  return { sizeBytes, paddingBytes: sizeBytes - sealed };
}

/** Whether `contentBytes` of sealed chunks and lists can be a blob: the question that `blobSizeFor` demands be asked. */
export function fitsBlob(contentBytes: number): boolean {
  return contentBytes === FULL_BLOB_BYTES || contentBytes + SEAL_OVERHEAD_BYTES <= FULL_BLOB_BYTES;
}

/** Whether a blob that is not a reference blob may have this size. */
export function isBlobSize(sizeBytes: number): boolean {
  return sizeBytes >= SMALLEST_BLOB_BYTES && sizeBytes <= FULL_BLOB_BYTES && blobRungAt(sizeBytes) === sizeBytes;
}

/** The padded size of a record's body of `cborBytes`; an InvariantError above `MAX_BODY_BYTES`. */
export function bodySizeFor(cborBytes: number): number {
  invariant(Number.isInteger(cborBytes) && cborBytes >= 0, "a body has a whole number of bytes");
  invariant(cborBytes <= MAX_BODY_BYTES, "a body has at most 196,608 bytes");
  return cborBytes <= SMALLEST_BODY_BYTES ? SMALLEST_BODY_BYTES : padme(cborBytes);
}

/** Whether a record's body may have this size, padding included. */
export function isBodySize(sizeBytes: number): boolean {
  return sizeBytes >= SMALLEST_BODY_BYTES && sizeBytes <= MAX_BODY_BYTES && padme(sizeBytes) === sizeBytes;
}

/** The smallest rung of the blobs' ladder that is at least `sizeBytes`. */
function blobRungAt(sizeBytes: number): number {
  if (sizeBytes <= SMALLEST_BLOB_BYTES) return SMALLEST_BLOB_BYTES;
  return Math.min(padme(sizeBytes), FULL_BLOB_BYTES);
}

function floorLog2(value: number): number {
  return value >= 2 ** 31 ? 31 : 31 - Math.clz32(value);
}

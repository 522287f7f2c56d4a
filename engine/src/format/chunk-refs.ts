// References to sealed chunks and lists, and the tables that they index (docs/format.md 7). Rule: a reference is checked
// against its tables and against the blob's size before anyone reads by it (F-69).

import { invariant } from "../errors.ts";
import type { BlobId, ChunkId, DeviceId } from "../ids.ts";
import type { CborValue } from "./cbor.ts";
import { malformed, readArray, readId, readInteger, readItems } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import { CHUNK_BYTES, FULL_BLOB_BYTES, SEAL_OVERHEAD_BYTES } from "./ladder.ts";

/** Where a sealed chunk or list stands. `source` and `blob` are indexes into the tables of the record or list. */
export interface ChunkRef {
  readonly id: ChunkId;
  readonly source: number;
  readonly blob: number;
  readonly offsetBytes: number;
  readonly sealedBytes: number;
}

/** Under whose epoch secret a part is sealed. */
export interface Source {
  readonly device: DeviceId;
  readonly epoch: number;
}

/** The sealed length of a chunk of one byte, and of a whole one. */
export const MIN_SEALED_BYTES: number = SEAL_OVERHEAD_BYTES + 1;
export const MAX_SEALED_BYTES: number = SEAL_OVERHEAD_BYTES + CHUNK_BYTES;

/** The fields of a reference; an InvariantError for a part that lies outside a blob. */
export function refFields(ref: ChunkRef): CborValue {
  invariant(isPart(ref.offsetBytes, ref.sealedBytes), "a part lies within a blob");
  return [idBytes(ref.id), ref.source, ref.blob, ref.offsetBytes, ref.sealedBytes];
}

/** `min` to `max` references; the indexes are checked by `checkRefs`. */
export function readRefs(value: CborValue | undefined, min: number, max: number): ChunkRef[] {
  return readItems(value, min, max).map(readRef);
}

/** One reference; `peer-malformed` when its part lies outside a blob. */
export function readRef(value: CborValue | undefined): ChunkRef {
  const fields = readArray(value, 5);
  const ref: ChunkRef = {
    id: readId(fields[0]),
    source: readInteger(fields[1], 0),
    blob: readInteger(fields[2], 0),
    offsetBytes: readInteger(fields[3], 0, FULL_BLOB_BYTES),
    sealedBytes: readInteger(fields[4], MIN_SEALED_BYTES, MAX_SEALED_BYTES),
  };
  if (!isPart(ref.offsetBytes, ref.sealedBytes)) throw malformed("a part within a blob");
  return ref;
}

/** Throws `peer-malformed` when a reference's index lies outside its table. */
export function checkRefs(refs: readonly ChunkRef[], sourceCount: number, blobCount: number): void {
  for (const ref of refs) {
    if (ref.source >= sourceCount || ref.blob >= blobCount) throw malformed("indexes within the tables");
  }
}

/** The table of sources as it stands in a body or a list. */
export function sourceFields(sources: readonly Source[]): CborValue {
  return sources.map((s) => [idBytes(s.device), s.epoch]);
}

/** The table of sources. */
export function readSources(value: CborValue | undefined): Source[] {
  return readItems(value, 0, Number.MAX_SAFE_INTEGER).map((item) => {
    const fields = readArray(item, 2);
    return { device: readId<DeviceId>(fields[0]), epoch: readInteger(fields[1], 1) };
  });
}

/** The table of blobs, in the order of their indexes. */
export function readBlobs(value: CborValue | undefined): BlobId[] {
  return readItems(value, 0, Number.MAX_SAFE_INTEGER).map((item) => readId<BlobId>(item));
}

function isPart(offsetBytes: number, sealedBytes: number): boolean {
  const fits = sealedBytes >= MIN_SEALED_BYTES && sealedBytes <= MAX_SEALED_BYTES;
  return fits && offsetBytes >= 0 && offsetBytes + sealedBytes <= FULL_BLOB_BYTES;
}

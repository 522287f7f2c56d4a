// Lists (docs/format.md 7): sealed parts that hold the chunk references of a file too large for a record. Rule: a list
// has tables of its own and can be read without the record that names it.

import { invariant } from "../errors.ts";
import type { BlobId } from "../ids.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import type { ChunkRef, Source } from "./chunk-refs.ts";
import { checkRefs, readBlobs, readRefs, readSources, refFields, sourceFields } from "./chunk-refs.ts";
import { readArray } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";

/** The references of a piece of a file, in the file's order, and the tables that they index. */
export interface List {
  readonly sources: readonly Source[];
  readonly blobs: readonly BlobId[];
  readonly refs: readonly ChunkRef[];
}

/** How many references a list holds; every list of a file but the last one holds as many. */
export const LIST_REFS = 2_048;

/** A list's bytes before sealing, whose keyed digest is the list's id; an InvariantError for none or too many references. */
export function encodeList(list: List): Uint8Array {
  invariant(list.refs.length >= 1 && list.refs.length <= LIST_REFS, "a list has 1 to 2,048 references");
  return encodeCbor([sourceFields(list.sources), list.blobs.map(idBytes), list.refs.map(refFields)]);
}

/** The list in opened bytes; `peer-malformed`. */
export function decodeList(bytes: Uint8Array): List {
  const fields = readArray(decodeCbor(bytes), 3);
  const sources = readSources(fields[0]);
  const blobs = readBlobs(fields[1]);
  const refs = readRefs(fields[2], 1, LIST_REFS);
  checkRefs(refs, sources.length, blobs.length);
  return { sources, blobs, refs };
}

// Reference blobs (docs/format.md F-56): the ids of a record that needs more than 1,000 blobs. Rule: strictly ascending
// ids and nothing else, so one set of blobs has one reference blob.

import { toHex } from "../bytes.ts";
import { invariant } from "../errors.ts";
import type { BlobId } from "../ids.ts";
import { ID_BYTES } from "../ids.ts";
import { isAscending, malformed } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";

/** How many ids one reference blob may hold: 8 MiB. */
export const MAX_REFERENCES = 262_144;

/** The blob's bytes from 1 to 262,144 ids in strictly ascending order; an InvariantError for others. */
export function encodeReferenceBlob(ids: readonly BlobId[]): Uint8Array {
  invariant(ids.length >= 1 && ids.length <= MAX_REFERENCES, "a reference blob has 1 to 262,144 ids");
  invariant(isAscending(ids), "a reference blob is in strictly ascending order");
  const bytes = new Uint8Array(ids.length * ID_BYTES);
  for (const [index, id] of ids.entries()) bytes.set(idBytes(id), index * ID_BYTES);
  return bytes;
}

/** The ids in a reference blob; `peer-malformed` for another length or order. */
export function decodeReferenceBlob(bytes: Uint8Array): BlobId[] {
  const count = bytes.length / ID_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_REFERENCES) throw malformed("1 to 262,144 ids of 32 bytes");
  const ids: BlobId[] = [];
  for (let i = 0; i < bytes.length; i += ID_BYTES) ids.push(toHex(bytes.subarray(i, i + ID_BYTES)) as BlobId);
  if (!isAscending(ids)) throw malformed("ids in strictly ascending order");
  return ids;
}

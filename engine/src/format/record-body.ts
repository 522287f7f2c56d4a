// A record's body (docs/format.md 7): tables, and the entries that index them. Rule: whatever a reader will trust of a
// body is checked here, but for the one thing that needs the header, which `checkNamedBlobs` does.

import { concatBytes, isZeros } from "../bytes.ts";
import { invariant } from "../errors.ts";
import type { BlobId } from "../ids.ts";
import { decodeCborPrefix, encodeArrayHead, encodeCbor } from "./cbor.ts";
import type { Source } from "./chunk-refs.ts";
import { readBlobs, readSources, sourceFields } from "./chunk-refs.ts";
import type { Entry } from "./entries.ts";
import { encodeEntry, readEntry, refsOf } from "./entries.ts";
import { malformed, readArray, readItems, readText } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import { bodySizeFor, MAX_BODY_BYTES } from "./ladder.ts";

/** Sources, blobs and roots are tables: entries hold indexes into them. */
export interface RecordBody {
  readonly sources: readonly Source[];
  readonly blobs: readonly BlobId[];
  readonly roots: readonly string[];
  readonly entries: readonly Entry[];
}

export const MAX_ROOT_BYTES = 64;
const MAX_ITEMS = MAX_BODY_BYTES;

/** The body's CBOR, without its padding; an InvariantError for what a reader would refuse. */
export function encodeRecordBody(body: RecordBody): Uint8Array {
  for (const entry of body.entries) {
    const fault = findIndexFault(entry, body);
    invariant(fault === null, `an entry has ${fault}`);
  }
  return assembleBody(body.sources, body.blobs, body.roots, body.entries.map(encodeEntry));
}

/** The same from entries that `encodeEntry` already gave; their indexes into the tables are the caller's to get right. */
export function assembleBody(
  sources: readonly Source[],
  blobs: readonly BlobId[],
  roots: readonly string[],
  encodedEntries: readonly Uint8Array[],
): Uint8Array {
  const parts = [
    encodeArrayHead(4),
    encodeCbor(sourceFields(sources)),
    encodeCbor(blobs.map(idBytes)),
    encodeCbor(roots),
    encodeArrayHead(encodedEntries.length),
  ];
  return concatBytes(...parts, joinEntries(encodedEntries));
}

/** The body as it is sealed: its CBOR, then zeros up to the padded size. An InvariantError above 196,608 bytes. */
export function padBody(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bodySizeFor(bytes.length));
  padded.set(bytes);
  return padded;
}

/** The body in opened bytes; `peer-malformed`. Padding must be zeros and of the length that the CBOR's asks for. */
export function decodeRecordBody(padded: Uint8Array): RecordBody {
  if (padded.length > MAX_BODY_BYTES) throw malformed("a body of at most 196,608 bytes");
  const { value, endOffset } = decodeCborPrefix(padded);
  if (bodySizeFor(endOffset) !== padded.length) throw malformed("a body of the padded size");
  if (!isZeros(padded.subarray(endOffset))) throw malformed("zeros behind the body");
  const fields = readArray(value, 4);
  const body: RecordBody = {
    sources: readSources(fields[0]),
    blobs: readBlobs(fields[1]),
    roots: readItems(fields[2], 0, MAX_ITEMS).map((root) => readText(root, 1, MAX_ROOT_BYTES)),
    entries: readItems(fields[3], 0, MAX_ITEMS).map(readEntry),
  };
  for (const entry of body.entries) {
    const fault = findIndexFault(entry, body);
    if (fault !== null) throw malformed(fault);
  }
  return body;
}

/** Throws `peer-malformed` unless each blob of the body is among those that its record's header names (F-64). */
export function checkNamedBlobs(body: RecordBody, named: ReadonlySet<BlobId>): void {
  for (const blob of body.blobs) {
    if (!named.has(blob)) throw malformed("a body of blobs that its header names");
  }
}

function findIndexFault(entry: Entry, body: RecordBody): string | null {
  if ("root" in entry && !(entry.root >= 0 && entry.root < body.roots.length)) return "a root within the table";
  for (const ref of refsOf(entry)) {
    if (ref.source >= body.sources.length || ref.blob >= body.blobs.length) return "indexes within the tables";
  }
  return null;
}

/** One copy, and no argument list as long as the entries are many. */
function joinEntries(entries: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const entry of entries) length += entry.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const entry of entries) {
    bytes.set(entry, offset);
    offset += entry.length;
  }
  return bytes;
}

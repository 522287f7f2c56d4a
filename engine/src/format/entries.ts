// Entries (docs/format.md 7): what a record says of one path or one chunk. Rule: what the decoder refuses, the encoder
// refuses to write: both ask `findEntryFault`.

import { invariant } from "../errors.ts";
import type { ChunkId } from "../ids.ts";
import type { CborValue } from "./cbor.ts";
import { encodeCbor } from "./cbor.ts";
import type { ChunkRef } from "./chunk-refs.ts";
import { readRef, readRefs, refFields } from "./chunk-refs.ts";
import { findEntryFault } from "./entry-faults.ts";
import { malformed, readAnyBytes, readArray, readId, readInteger, readItems } from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import type { PathComponent } from "./path.ts";

/** What the entries of one path begin with: an index into the record's roots, and the components below that root. */
interface Place {
  readonly root: number;
  readonly path: readonly PathComponent[];
}

/** Seconds since 1970, negative before, and 0–999,999 microseconds. */
interface Times {
  readonly mtimeS: number;
  readonly mtimeUs: number;
}

/** A file's chunks in order, in the entry itself or in lists. */
export type FileChunks =
  | { readonly kind: "inline"; readonly refs: readonly ChunkRef[] }
  | { readonly kind: "lists"; readonly refs: readonly ChunkRef[] };

/** `mode` is the low 12 permission bits, or null where there are none. */
export interface FileEntry extends Place, Times {
  readonly kind: "file";
  readonly sizeBytes: number;
  readonly mode: number | null;
  readonly chunks: FileChunks;
}

export interface FolderEntry extends Place, Times {
  readonly kind: "folder";
  readonly mode: number | null;
}

/** `target` is 1 to 4,096 bytes: text, or bytes that are not valid UTF-8. */
export interface LinkEntry extends Place, Times {
  readonly kind: "link";
  readonly target: string | Uint8Array;
}

/** This path and everything below it is no longer there. */
export interface GoneEntry extends Place {
  readonly kind: "gone";
}

/** The chunk or list stands at `ref` besides (F-73). */
export interface MovedEntry {
  readonly kind: "moved";
  readonly chunk: ChunkId;
  readonly ref: ChunkRef;
}

/** Chunks `firstChunk`, `firstChunk + 1`, … of a file that is still under way (F-70). */
export interface InProgressEntry extends Place, Times {
  readonly kind: "in-progress";
  readonly sizeBytes: number;
  readonly firstChunk: number;
  readonly refs: readonly ChunkRef[];
}

/** Reserved: readers without checkpoints ignore it. */
export interface CheckpointEntry {
  readonly kind: "checkpoint";
  readonly bytes: Uint8Array;
}

export type Entry = FileEntry | FolderEntry | LinkEntry | GoneEntry | MovedEntry | InProgressEntry | CheckpointEntry;

/** The number that each kind has on the wire. */
const KIND = { file: 1, folder: 2, link: 3, gone: 4, moved: 5, "in-progress": 6, checkpoint: 7 } as const;
const ENCODING_NONE = 0;
const INLINE = 0;
const LISTS = 1;
const MAX_TABLE_INDEX = Number.MAX_SAFE_INTEGER;
const MAX_REFS = 196_608;

/** An entry's bytes as they stand in a body; an InvariantError for an entry that a reader would refuse. */
export function encodeEntry(entry: Entry): Uint8Array {
  const fault = findEntryFault(entry);
  invariant(fault === null, `an entry has ${fault}`);
  return encodeCbor(entryFields(entry));
}

/** The entry in a body's item; `peer-malformed`. Indexes into the tables are left to the body. */
export function readEntry(value: CborValue): Entry {
  const entry = readFields(readItems(value, 2, 9));
  const fault = findEntryFault(entry);
  if (fault !== null) throw malformed(fault);
  return entry;
}

/** The references that an entry holds. */
export function refsOf(entry: Entry): readonly ChunkRef[] {
  switch (entry.kind) {
    case "file":
      return entry.chunks.refs;
    case "in-progress":
      return entry.refs;
    case "moved":
      return [entry.ref];
    case "folder":
    case "link":
    case "gone":
    case "checkpoint":
      return [];
  }
}

function entryFields(entry: Entry): CborValue {
  switch (entry.kind) {
    case "file": {
      const chunks = [entry.chunks.kind === "inline" ? INLINE : LISTS, entry.chunks.refs.map(refFields)];
      const { root, path, sizeBytes, mtimeS, mtimeUs, mode } = entry;
      return [KIND.file, root, path, sizeBytes, mtimeS, mtimeUs, mode, ENCODING_NONE, chunks];
    }
    case "folder":
      return [KIND.folder, entry.root, entry.path, entry.mtimeS, entry.mtimeUs, entry.mode];
    case "link":
      return [KIND.link, entry.root, entry.path, entry.mtimeS, entry.mtimeUs, entry.target];
    case "gone":
      return [KIND.gone, entry.root, entry.path];
    case "moved":
      return [KIND.moved, idBytes(entry.chunk), refFields(entry.ref)];
    case "in-progress": {
      const { root, path, sizeBytes, mtimeS, mtimeUs, firstChunk } = entry;
      return [KIND["in-progress"], root, path, sizeBytes, mtimeS, mtimeUs, firstChunk, entry.refs.map(refFields)];
    }
    case "checkpoint":
      return [KIND.checkpoint, entry.bytes];
  }
}

function readFields(f: readonly CborValue[]): Entry {
  switch (f[0]) {
    case KIND.file: {
      readArray(f, 9);
      readInteger(f[7], ENCODING_NONE, ENCODING_NONE);
      const size = { sizeBytes: readInteger(f[3], 0), mode: readMode(f[6]) };
      return { kind: "file", ...readPlace(f), ...size, ...readTimes(f, 4), chunks: readChunks(f[8]) };
    }
    case KIND.folder:
      readArray(f, 6);
      return { kind: "folder", ...readPlace(f), ...readTimes(f, 3), mode: readMode(f[5]) };
    case KIND.link:
      readArray(f, 6);
      return { kind: "link", ...readPlace(f), ...readTimes(f, 3), target: readTextOrBytes(f[5]) };
    case KIND.gone:
      readArray(f, 3);
      return { kind: "gone", ...readPlace(f) };
    case KIND.moved:
      readArray(f, 3);
      return { kind: "moved", chunk: readId(f[1]), ref: readRef(f[2]) };
    case KIND["in-progress"]: {
      readArray(f, 8);
      const chunks = { firstChunk: readInteger(f[6], 0), refs: readRefs(f[7], 0, MAX_REFS) };
      return { kind: "in-progress", ...readPlace(f), sizeBytes: readInteger(f[3], 0), ...readTimes(f, 4), ...chunks };
    }
    case KIND.checkpoint:
      readArray(f, 2);
      return { kind: "checkpoint", bytes: readAnyBytes(f[1]) };
  }
  throw malformed("an entry of a known kind");
}

function readPlace(f: readonly CborValue[]): Place {
  const path = readItems(f[2], 0, MAX_TABLE_INDEX).map(readTextOrBytes);
  return { root: readInteger(f[1], 0), path };
}

function readTimes(f: readonly CborValue[], index: number): Times {
  return { mtimeS: readInteger(f[index], -MAX_TABLE_INDEX), mtimeUs: readInteger(f[index + 1], 0, 999_999) };
}

function readMode(value: CborValue | undefined): number | null {
  return value === null ? null : readInteger(value, 0, 0o7777);
}

function readChunks(value: CborValue | undefined): FileChunks {
  const [kind, refs] = readArray(value, 2);
  const lists = readInteger(kind, INLINE, LISTS) === LISTS;
  return { kind: lists ? "lists" : "inline", refs: readRefs(refs, 0, MAX_REFS) };
}

function readTextOrBytes(value: CborValue | undefined): string | Uint8Array {
  return typeof value === "string" ? value : readAnyBytes(value);
}

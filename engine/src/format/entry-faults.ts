// What makes an entry wrong although each of its fields has its type (docs/format.md F-65 to F-67). Rule: a file's size
// says how long each of its chunks is; nothing else is accepted (F-66).

import { utf8Decode } from "../bytes.ts";
import { utf8Length } from "../utf8.ts";
import type { ChunkRef } from "./chunk-refs.ts";
import { MAX_SEALED_BYTES } from "./chunk-refs.ts";
import type { Entry, FileChunks } from "./entries.ts";
import { CHUNK_BYTES, SEAL_OVERHEAD_BYTES } from "./ladder.ts";
import { LIST_REFS } from "./list.ts";
import { findFault } from "./path.ts";

/** Files of more chunks than this use lists. */
export const MAX_INLINE_REFS = 1_000;
export const MAX_TARGET_BYTES = 4_096;
/** Lists of one file at the most: what one record holds. */
export const MAX_LISTS = 1_000;
/** The largest file that can be recorded, about two terabytes. */
export const MAX_FILE_BYTES: number = MAX_LISTS * LIST_REFS * CHUNK_BYTES;

/** How many chunks a file of `sizeBytes` has (F-50). */
export function chunkCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / CHUNK_BYTES);
}

/** The sealed length of chunk `index` of a file of `sizeBytes` (F-66). */
export function sealedChunkBytes(sizeBytes: number, index: number): number {
  return Math.min(CHUNK_BYTES, sizeBytes - index * CHUNK_BYTES) + SEAL_OVERHEAD_BYTES;
}

/** What would have been right where the entry is wrong, or null. */
export function findEntryFault(entry: Entry): string | null {
  if (entry.kind === "checkpoint") return null;
  if (entry.kind === "moved") return entry.chunk === entry.ref.id ? null : "a reference to the chunk that moved";
  const pathFault = findFault(entry.path);
  if (pathFault !== null) return pathFault;
  switch (entry.kind) {
    case "gone":
      return null;
    case "folder":
      return findTimesFault(entry) ?? findModeFault(entry.mode);
    case "link":
      return findTimesFault(entry) ?? findTargetFault(entry.target);
    case "file":
      return findTimesFault(entry) ?? findModeFault(entry.mode) ?? findChunksFault(entry.sizeBytes, entry.chunks);
    case "in-progress":
      return findTimesFault(entry) ?? findRefsFault(entry.sizeBytes, entry.firstChunk, entry.refs);
  }
}

function findTimesFault(times: { readonly mtimeS: number; readonly mtimeUs: number }): string | null {
  const whole = Number.isSafeInteger(times.mtimeS) && Number.isInteger(times.mtimeUs);
  return whole && times.mtimeUs >= 0 && times.mtimeUs <= 999_999 ? null : "microseconds from 0 to 999,999";
}

function findModeFault(mode: number | null): string | null {
  return mode === null || (mode & 0o7777) === mode ? null : "the low 12 permission bits as mode";
}

/** What would have been right where a link's target is wrong, or null. */
export function findTargetFault(target: string | Uint8Array): string | null {
  const length = typeof target === "string" ? utf8Length(target) : target.length;
  if (length < 1 || length > MAX_TARGET_BYTES) return "a target of 1 to 4,096 bytes";
  if (typeof target === "string") return target.includes("\0") ? "a target without NUL" : null;
  if (target.includes(0)) return "a target without NUL";
  return utf8Decode(target) === null ? null : "text where a target is valid UTF-8";
}

function findChunksFault(sizeBytes: number, chunks: FileChunks): string | null {
  const count = chunkCount(sizeBytes);
  if (chunks.kind === "lists") {
    if (count === 0) return "no lists for an empty file";
    return chunks.refs.length === Math.ceil(count / LIST_REFS) ? null : "as many lists as the size needs";
  }
  if (count > MAX_INLINE_REFS) return "lists for more than 1,000 chunks";
  if (chunks.refs.length !== count) return "as many chunks as the size needs";
  return findRefsFault(sizeBytes, 0, chunks.refs);
}

/** `refs` must be chunks `first`, `first + 1`, … of a file of this size. */
function findRefsFault(sizeBytes: number, first: number, refs: readonly ChunkRef[]): string | null {
  const count = chunkCount(sizeBytes);
  if (first + refs.length > count) return "chunks within the size";
  for (const [index, ref] of refs.entries()) {
    const last = first + index === count - 1;
    const sealedBytes = last ? sealedChunkBytes(sizeBytes, first + index) : MAX_SEALED_BYTES;
    if (ref.sealedBytes !== sealedBytes) return "sealed lengths that add up to the size";
  }
  return null;
}

// Makes a record's body out of entries that are ready. Rule: an entry goes in whole or not at all, and the body never
// outgrows its limit (docs/format.md §7).

import { fromHex } from "../../bytes.ts";
import { invariant } from "../../errors.ts";
import type { Entry } from "../../format/entries.ts";
import { encodeEntry } from "../../format/entries.ts";
import { MAX_BODY_BYTES } from "../../format/ladder.ts";
import { joinPath, parsePath } from "../../format/path.ts";
import { assembleBody } from "../../format/record-body.ts";
import { MAX_NAMED_BLOBS } from "../../format/record-header.ts";
import type { BlobId, DeviceId } from "../../ids.ts";
import { KIND } from "../../store/schema.ts";
import type { FolderPlace } from "../tables/folder-rows.ts";
import type { PlacedPiece } from "../tables/piece-rows.ts";
import type { RecordableEntry } from "../tables/recordable-entries.ts";
import { RefTable } from "./ref-table.ts";

/** Room for the heads of the body's four arrays. */
const ARRAY_HEADS_BYTES = 32;
const TABLE_ID_BYTES = 34;
const SOURCE_BYTES = 45;
const ROOT_BYTES = 66;

export class RecordBuilder {
  readonly #table: RefTable;
  readonly #roots: string[] = [];
  readonly #entries: Uint8Array[] = [];
  readonly #behindLists: BlobId[] = [];
  #entryBytes = 0;

  constructor(device: DeviceId) {
    this.#table = new RefTable(device);
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The blobs that the header names, in ascending order: those of all references, and those behind the lists. */
  get needs(): BlobId[] {
    return [...new Set([...this.#behindLists, ...this.#table.blobs])].sort();
  }

  #fits(moreBytes: number, behindLists: readonly BlobId[]): boolean {
    const tables = this.#table.blobs.length * TABLE_ID_BYTES + this.#table.sources.length * SOURCE_BYTES;
    const total = ARRAY_HEADS_BYTES + tables + this.#roots.length * ROOT_BYTES + this.#entryBytes + moreBytes;
    const blobs = this.#table.blobs.length + this.#behindLists.length + behindLists.length;
    return total <= MAX_BODY_BYTES && blobs <= MAX_NAMED_BLOBS;
  }

  /**
   * Adds what a row says: a gone entry before it when the path was a folder. `refs` are the file's chunks, or its lists, and then
   * `behindLists` are the blobs that the lists refer to. False when it does not fit; the first one always does.
   */
  add(
    entry: RecordableEntry,
    place: FolderPlace,
    refs: readonly PlacedPiece[],
    behindLists: readonly BlobId[] | null,
  ): boolean {
    const mark = this.#table.mark();
    const root = this.#root(place.rootName);
    const path = parsePath(joinPath(place.path, entry.name));
    const encoded: Uint8Array[] = [];
    if (entry.isGone || entry.isReplaced) encoded.push(encodeEntry({ kind: "gone", root, path }));
    if (!entry.isGone) encoded.push(encodeEntry(this.#entryOf(entry, root, path, refs, behindLists !== null)));
    return this.#take(encoded, mark, behindLists ?? []);
  }

  /** Adds an in-progress entry for chunks `first`, … of a file that is still under way (F-70). */
  addInProgress(file: RecordableEntry, place: FolderPlace, first: number, refs: readonly PlacedPiece[]): boolean {
    const mark = this.#table.mark();
    const { name, sizeBytes, mtimeS, mtimeUs } = file;
    const entry: Entry = {
      kind: "in-progress",
      root: this.#root(place.rootName),
      path: parsePath(joinPath(place.path, name)),
      sizeBytes,
      mtimeS,
      mtimeUs,
      firstChunk: first,
      refs: refs.map((ref) => this.#table.refOf(ref)),
    };
    return this.#take([encodeEntry(entry)], mark, []);
  }

  /** The body's CBOR, without padding. */
  assemble(): Uint8Array {
    return assembleBody(this.#table.sources, this.#table.blobs, this.#roots, this.#entries);
  }

  #take(
    encoded: readonly Uint8Array[],
    mark: { sources: number; blobs: number },
    behindLists: readonly BlobId[],
  ): boolean {
    const bytes = encoded.reduce((sum, entry) => sum + entry.length, 0);
    // One file alone may need more blobs than a header names: then the header names its reference blobs.
    if (this.#entries.length > 0 && !this.#fits(bytes, behindLists)) {
      this.#table.cutTo(mark);
      return false;
    }
    this.#entries.push(...encoded);
    this.#behindLists.push(...behindLists);
    this.#entryBytes += bytes;
    return true;
  }

  #entryOf(
    entry: RecordableEntry,
    root: number,
    path: ReturnType<typeof parsePath>,
    refs: readonly PlacedPiece[],
    lists: boolean,
  ): Entry {
    const { kind, sizeBytes, mtimeS, mtimeUs, target } = entry;
    const mode = entry.mode === null ? null : entry.mode & 0o7777;
    switch (kind) {
      case KIND.file: {
        const chunks = { kind: lists ? "lists" : "inline", refs: refs.map((ref) => this.#table.refOf(ref)) } as const;
        return { kind: "file", root, path, sizeBytes, mtimeS, mtimeUs, mode, chunks };
      }
      case KIND.folder:
        return { kind: "folder", root, path, mtimeS, mtimeUs, mode };
      case KIND.link:
        invariant(target !== null, "a link without its target");
        return { kind: "link", root, path, mtimeS, mtimeUs, target: targetOf(target) };
      default:
        invariant(false, "an entry of another kind is ready to be recorded");
    }
  }

  #root(name: string): number {
    const index = this.#roots.indexOf(name);
    return index >= 0 ? index : this.#roots.push(name) - 1;
  }
}

/** A target as the table holds it: `t` and text, or `x` and hex. */
function targetOf(column: string): string | Uint8Array {
  return column.startsWith("x") ? fromHex(column.slice(1)) : column.slice(1);
}

// Makes a record's body out of entries that are ready. Rule: an entry goes in whole or not at all, and the body never
// outgrows its limit (docs/format.md §7).

import { fromHex } from "../bytes.ts";
import { invariant } from "../errors.ts";
import type { Entry } from "../format/entries.ts";
import { encodeEntry } from "../format/entries.ts";
import { MAX_BODY_BYTES } from "../format/ladder.ts";
import { joinPath, parsePath } from "../format/path.ts";
import { assembleBody } from "../format/record-body.ts";
import { MAX_NAMED_BLOBS } from "../format/record-header.ts";
import type { BlobId, DeviceId } from "../ids.ts";
import { KIND, STATE } from "../store/schema.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import type { FolderPlace } from "./folders.ts";
import { RefTable } from "./ref-table.ts";

/** Room for the heads of the body's four arrays. */
const ARRAY_HEADS_BYTES = 32;
const TABLE_ID_BYTES = 34;
const SOURCE_BYTES = 45;
const ROOT_BYTES = 66;

/** Columns of an entry that a record says something of. */
export const ENTRY_COLUMNS =
  "id, folder, name, kind, state, size, mtime_s, mtime_us, mode, target, replaces, hashed, noted";

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
   * Adds what a row says: a gone entry before it when the path was a folder. `refs` are rows of `idx, digest, offset, sealed,
   * sha, epoch`: the file's chunks, or its lists, and then `behindLists` are the blobs that the lists refer to. False when it
   * does not fit; the first one always does.
   */
  add(row: Row, place: FolderPlace, refs: readonly Row[], behindLists: readonly BlobId[] | null): boolean {
    const mark = this.#table.mark();
    const root = this.#root(place.rootName);
    const path = parsePath(joinPath(place.path, str(row, 2)));
    const encoded: Uint8Array[] = [];
    if (int(row, 4) === STATE.gone) {
      encoded.push(encodeEntry({ kind: "gone", root, path }));
    } else {
      if ((int(row, 10) & 1) === 1) encoded.push(encodeEntry({ kind: "gone", root, path }));
      encoded.push(encodeEntry(this.#entryOf(row, root, path, refs, behindLists !== null)));
    }
    return this.#take(encoded, mark, behindLists ?? []);
  }

  /** Adds an in-progress entry for chunks `first`, … of a file that is still under way (F-70). */
  addInProgress(row: Row, place: FolderPlace, first: number, refs: readonly Row[]): boolean {
    const mark = this.#table.mark();
    const root = this.#root(place.rootName);
    const path = parsePath(joinPath(place.path, str(row, 2)));
    const entry: Entry = {
      kind: "in-progress",
      root,
      path,
      sizeBytes: int(row, 5),
      ...timesOf(row),
      firstChunk: first,
      refs: refs.map((ref) => this.#table.refOf(ref, 1)),
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

  #entryOf(row: Row, root: number, path: ReturnType<typeof parsePath>, refs: readonly Row[], lists: boolean): Entry {
    const mode = row[8] === null ? null : int(row, 8) & 0o7777;
    switch (int(row, 3)) {
      case KIND.file: {
        const chunks = refs.map((ref) => this.#table.refOf(ref, 1));
        const kind = lists ? "lists" : "inline";
        const sizeBytes = int(row, 5);
        return { kind: "file", root, path, sizeBytes, ...timesOf(row), mode, chunks: { kind, refs: chunks } };
      }
      case KIND.folder:
        return { kind: "folder", root, path, ...timesOf(row), mode };
      case KIND.link:
        return { kind: "link", root, path, ...timesOf(row), target: targetOf(str(row, 9)) };
      default:
        invariant(false, "an entry of another kind is ready to be recorded");
    }
  }

  #root(name: string): number {
    const index = this.#roots.indexOf(name);
    return index >= 0 ? index : this.#roots.push(name) - 1;
  }
}

function timesOf(row: Row): { mtimeS: number; mtimeUs: number } {
  return { mtimeS: int(row, 6), mtimeUs: int(row, 7) };
}

/** A target as the table holds it: `t` and text, or `x` and hex. */
function targetOf(column: string): string | Uint8Array {
  return column.startsWith("x") ? fromHex(column.slice(1)) : column.slice(1);
}

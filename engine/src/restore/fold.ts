// From a record's entries to the versions of the index (docs/format.md §7, F-71). Rule: every version keeps the time from
// which and until which it was current, so the state at any time is one query, and a record is folded in four calls.
//
// Versions of a record are inserted first, then what they replace is closed: `seq` says which of two came first, so the
// order of the calls does not matter, nor whether one record names a path twice.

import { toHex } from "../bytes.ts";
import { encodeCbor } from "../format/cbor.ts";
import { type ChunkRef, refFields } from "../format/chunk-refs.ts";
import type { Entry } from "../format/entries.ts";
import { chunkCount } from "../format/entry-faults.ts";
import { boundsBelow, formatPath, type PathComponent } from "../format/path.ts";
import type { RecordBody } from "../format/record-body.ts";
import type { BlobId, DeviceId } from "../ids.ts";
import type { Row, Store, StoreValue } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { FOREVER_MS, KIND } from "./schema.ts";

/** Entries of one record stand below this in `seq`: a body of 196,608 bytes holds fewer. */
const ENTRIES_A_RECORD = 262_144;
/** How many ids one question of the Store names; SQLite 3.18 takes 999. */
const IDS_A_QUERY = 250;

const INSERT_VERSION = `INSERT INTO index_version (root, path, kind, seq, since_ms, until_ms, size, mtime_s, mtime_us,
  mode, target, lists, refs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const CLOSE_SAME = `UPDATE index_version SET until_ms = ?
  WHERE root = ? AND path = ? AND until_ms = ${FOREVER_MS} AND seq < ?`;
const CLOSE_BELOW = `UPDATE index_version SET until_ms = ?
  WHERE root = ? AND path > ? AND path < ? AND until_ms = ${FOREVER_MS} AND seq < ?`;
// Records of a device come in their order, so the newest place of each is kept.
const INSERT_PLACE = "INSERT OR REPLACE INTO index_place (chunk, device, epoch, blob, offset) VALUES (?, ?, ?, ?, ?)";

/** A record as it is folded: `device` is the row of its device, `timeMs` its time by F-71. */
export interface FoldedRecord {
  readonly device: number;
  readonly number: number;
  readonly timeMs: number;
  readonly body: RecordBody;
}

/** Adds what a record says to the index. The body's tables are checked; in-progress entries and checkpoints say nothing here. */
export function foldRecord(store: Store, { device, number, timeMs, body }: FoldedRecord): void {
  const epochs = body.sources.map((source) => epochRow(store, source.device, source.epoch));
  const blobs = blobRows(store, body.blobs);
  const roots = body.roots.map((name) => rootRow(store, device, name));
  const renumber = (refs: readonly ChunkRef[]): Uint8Array =>
    encodeCbor(
      refs.map((ref) =>
        refFields({
          ...ref,
          source: epochs[ref.source] as number,
          blob: blobs.get(body.blobs[ref.blob] as BlobId) as number,
        }),
      ),
    );

  const versions: Row[] = [];
  const same: Row[] = [];
  const below: Row[] = [];
  const moved: Row[] = [];
  for (const [index, entry] of body.entries.entries()) {
    const seq = number * ENTRIES_A_RECORD + index;
    if (entry.kind === "moved") {
      const { ref } = entry;
      moved.push([
        entry.chunk,
        device,
        epochs[ref.source] as number,
        blobs.get(body.blobs[ref.blob] as BlobId) as number,
        ref.offsetBytes,
      ]);
    }
    if (entry.kind === "moved" || entry.kind === "in-progress" || entry.kind === "checkpoint") continue;
    const root = roots[entry.root] as number;
    const path = formatPath(entry.path);
    if (entry.kind !== "gone") versions.push([root, path, ...versionOf(entry, seq, timeMs, renumber)]);
    same.push([timeMs, root, path, seq]);
    if (entry.kind !== "folder") below.push([timeMs, root, ...boundsBelow(path), seq]);
  }
  store.runMany(INSERT_VERSION, versions);
  store.runMany(CLOSE_SAME, same);
  store.runMany(CLOSE_BELOW, below);
  store.runMany(INSERT_PLACE, moved);
}

/** The row of an epoch, made when it is not there; its envelope may come later. */
export function epochRow(store: Store, device: DeviceId, number: number): number {
  store.run("INSERT OR IGNORE INTO index_epoch (device, number) VALUES (?, ?)", [device, number]);
  const row = store.first("SELECT id FROM index_epoch WHERE device = ? AND number = ?", [device, number]);
  return int(row as Row, 0);
}

/** The rows of blobs, made when they are not there. */
export function blobRows(store: Store, blobs: readonly BlobId[]): Map<BlobId, number> {
  const rows = new Map<BlobId, number>();
  store.runMany(
    "INSERT OR IGNORE INTO index_blob (sha) VALUES (?)",
    blobs.map((blob) => [blob]),
  );
  for (const found of selectIn(store, "SELECT sha, id FROM index_blob WHERE sha IN", blobs)) {
    rows.set(str(found, 0) as BlobId, int(found, 1));
  }
  return rows;
}

/** The rows of `select … IN (ids)`, asked in pieces of one statement. */
export function selectIn(store: Store, select: string, ids: readonly (string | number)[]): Row[] {
  const sql = `${select} (${Array.from({ length: IDS_A_QUERY }, () => "?").join(",")})`;
  const rows: Row[] = [];
  for (let from = 0; from < ids.length; from += IDS_A_QUERY) {
    const piece: StoreValue[] = ids.slice(from, from + IDS_A_QUERY);
    // The statement is the same for every piece; null equals no id.
    while (piece.length < IDS_A_QUERY) piece.push(null);
    rows.push(...store.all(sql, piece));
  }
  return rows;
}

function rootRow(store: Store, device: number, name: string): number {
  store.run("INSERT OR IGNORE INTO index_root (device, name) VALUES (?, ?)", [device, name]);
  return int(store.first("SELECT id FROM index_root WHERE device = ? AND name = ?", [device, name]) as Row, 0);
}

type VersionEntry = Extract<Entry, { readonly kind: "file" | "folder" | "link" }>;

function versionOf(
  entry: VersionEntry,
  seq: number,
  timeMs: number,
  renumber: (refs: readonly ChunkRef[]) => Uint8Array,
): StoreValue[] {
  const time = [seq, timeMs, FOREVER_MS];
  const mtime = [entry.mtimeS, entry.mtimeUs];
  switch (entry.kind) {
    case "file": {
      const { chunks, sizeBytes, mode } = entry;
      const refs = chunkCount(sizeBytes) === 0 ? null : renumber(chunks.refs);
      return [KIND.file, ...time, sizeBytes, ...mtime, mode, null, chunks.kind === "lists" ? 1 : 0, refs];
    }
    case "folder":
      return [KIND.folder, ...time, 0, ...mtime, entry.mode, null, 0, null];
    case "link":
      return [KIND.link, ...time, 0, ...mtime, null, formatTarget(entry.target), 0, null];
  }
}

/** A link's target as the index keeps it: `t` and the text, or `h` and hexadecimal. */
function formatTarget(target: PathComponent): string {
  return typeof target === "string" ? `t${target}` : `h${toHex(target)}`;
}

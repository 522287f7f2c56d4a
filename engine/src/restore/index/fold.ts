// From a record's entries to the versions of the index (docs/format.md §7, F-71). Rule: every version keeps the time from
// which and until which it was current, so the state at any time is one query, and a record is folded in four calls.
//
// Versions of a record are inserted first, then what they replace is closed: `seq` says which of two came first, so the
// order of the calls does not matter, nor whether one record names a path twice.

import { toHex } from "../../bytes.ts";
import { encodeCbor } from "../../format/cbor.ts";
import { type ChunkRef, refFields } from "../../format/chunk-refs.ts";
import type { Entry } from "../../format/entries.ts";
import { chunkCount } from "../../format/entry-faults.ts";
import { formatPath, type PathComponent } from "../../format/path.ts";
import type { RecordBody } from "../../format/record-body.ts";
import type { BlobId } from "../../ids.ts";
import type { Store } from "../../store/store.ts";
import { addPlaces, blobRows, epochRow, type OtherPlace, rootRow } from "../tables/index-rows.ts";
import {
  addVersions,
  closeBelow,
  closeReplaced,
  ENTRIES_A_RECORD,
  KIND,
  type NewVersion,
  type VersionPlace,
} from "../tables/version-rows.ts";

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

  const versions: NewVersion[] = [];
  const replaced: VersionPlace[] = [];
  const below: VersionPlace[] = [];
  const moved: (OtherPlace & { readonly chunk: string })[] = [];
  for (const [index, entry] of body.entries.entries()) {
    if (entry.kind === "moved") {
      const { chunk, ref } = entry;
      const blob = blobs.get(body.blobs[ref.blob] as BlobId) as number;
      moved.push({ chunk, epoch: epochs[ref.source] as number, blob, offset: ref.offsetBytes });
    }
    if (entry.kind === "moved" || entry.kind === "in-progress" || entry.kind === "checkpoint") continue;
    const seq = number * ENTRIES_A_RECORD + index;
    const place = { root: roots[entry.root] as number, path: formatPath(entry.path), sinceMs: timeMs, seq };
    if (entry.kind !== "gone") versions.push({ ...place, ...versionOf(entry, renumber) });
    replaced.push(place);
    if (entry.kind !== "folder") below.push(place);
  }
  addVersions(store, versions);
  closeReplaced(store, replaced);
  closeBelow(store, below);
  addPlaces(store, device, moved);
}

type VersionEntry = Extract<Entry, { readonly kind: "file" | "folder" | "link" }>;

function versionOf(
  entry: VersionEntry,
  renumber: (refs: readonly ChunkRef[]) => Uint8Array,
): Omit<NewVersion, keyof VersionPlace> {
  const { mtimeS, mtimeUs } = entry;
  const none = { sizeBytes: 0, mtimeS, mtimeUs, mode: null, target: null, hasLists: false, refs: null };
  switch (entry.kind) {
    case "file": {
      const { chunks, sizeBytes, mode } = entry;
      const refs = chunkCount(sizeBytes) === 0 ? null : renumber(chunks.refs);
      return { ...none, kind: KIND.file, sizeBytes, mode, hasLists: chunks.kind === "lists", refs };
    }
    case "folder":
      return { ...none, kind: KIND.folder, mode: entry.mode };
    case "link":
      return { ...none, kind: KIND.link, target: formatTarget(entry.target) };
  }
}

/** A link's target as the index keeps it: `t` and the text, or `h` and hexadecimal. */
function formatTarget(target: PathComponent): string {
  return typeof target === "string" ? `t${target}` : `h${toHex(target)}`;
}

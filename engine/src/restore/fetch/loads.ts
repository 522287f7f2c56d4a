// How the parts that are wanted of a blob become one download. Rule: pure; a load's rows are in the order of the blob,
// and each part is fetched once however many files need it.

import type { DownloadPart, SealUnder } from "../../border/transfers.ts";
import { chunkContext } from "../../format/contexts.ts";
import { CHUNK_BYTES, FULL_BLOB_BYTES } from "../../format/ladder.ts";
import type { ChunkId } from "../../ids.ts";

/** A place in a file that a part is to be written to. */
export interface WantedPart {
  readonly offset: number;
  readonly file: number;
  readonly idx: number;
  readonly chunk: ChunkId;
  readonly epoch: number;
  readonly sealedBytes: number;
}

/** A part of the download, and the rows that it serves. */
export interface LoadPart {
  readonly rows: readonly WantedPart[];
  readonly part: DownloadPart;
}

export interface LoadPlan {
  readonly parts: readonly LoadPart[];
  readonly seals: readonly SealUnder[];
  /** Null: the whole blob. */
  readonly range: readonly [from: number, toExclusive: number] | null;
  /** Bytes that come at the most. */
  readonly maxBytes: number;
  /** How many of the rows the plan takes. */
  readonly taken: number;
}

const MAX_PARTS = 300;
/** Characters of seals and parts in one effect. */
const MAX_CHARS = 120_000;
const SEAL_CHARS = 180;
const PART_CHARS = 60;
const PLACE_CHARS = 48;
/** A gap that is worth a request of its own. */
const MAX_GAP_BYTES = 524_288;

/** The name of a file under way in the work folder. */
export function workName(file: number): string {
  return `f${file}`;
}

/**
 * Plans one download of `rows`: wanted parts of one blob in the order of (offset, file, idx). `slotOf` gives the slot of
 * an epoch's chunk root; `isWhole` says that nearly all of the vault is wanted, so that a whole blob costs little more.
 */
export function planLoad(rows: readonly WantedPart[], slotOf: (epoch: number) => string, isWhole: boolean): LoadPlan {
  const seals: SealUnder[] = [];
  const sealOf = new Map<string, number>();
  const parts: { rows: WantedPart[]; seal: number }[] = [];
  let chars = 0;
  let endBytes = rows[0]?.offset ?? 0;
  let taken = 0;
  let wantedBytes = 0;
  for (const row of rows) {
    const last = parts.at(-1);
    const key = `${row.epoch}/${row.chunk}`;
    const isSame = last !== undefined && isSamePart(last.rows[0] as WantedPart, row);
    if (!isSame && (parts.length >= MAX_PARTS || row.offset - endBytes > MAX_GAP_BYTES)) break;
    const cost = PLACE_CHARS + (isSame ? 0 : PART_CHARS) + (sealOf.has(key) ? 0 : SEAL_CHARS);
    if (taken > 0 && chars + cost > MAX_CHARS) break;
    chars += cost;
    taken += 1;
    if (isSame) {
      last.rows.push(row);
      continue;
    }
    let seal = sealOf.get(key);
    if (seal === undefined) {
      seal = seals.length;
      sealOf.set(key, seal);
      seals.push({ slot: slotOf(row.epoch), context: chunkContext(row.chunk) });
    }
    parts.push({ rows: [row], seal });
    endBytes = Math.max(endBytes, row.offset + row.sealedBytes);
    wantedBytes += row.sealedBytes;
  }
  const from = rows[0]?.offset ?? 0;
  const isDense = isWhole && from === 0 && taken === rows.length && 2 * wantedBytes > endBytes;
  return {
    parts: parts.map(({ rows: served, seal }) => ({ rows: served, part: partOf(served, seal) })),
    seals,
    range: isDense ? null : [from, endBytes],
    maxBytes: isDense ? FULL_BLOB_BYTES : endBytes - from,
    taken,
  };
}

function isSamePart(a: WantedPart, b: WantedPart): boolean {
  return a.offset === b.offset && a.chunk === b.chunk && a.epoch === b.epoch && a.sealedBytes === b.sealedBytes;
}

function partOf(rows: readonly WantedPart[], seal: number): DownloadPart {
  const [{ offset, sealedBytes }] = rows as readonly [WantedPart];
  const to = rows.map((row) => ({ root: 0, path: workName(row.file), offset: row.idx * CHUNK_BYTES }));
  return { offset, length: sealedBytes, seal, to };
}

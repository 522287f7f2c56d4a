// The parts that are wanted: where each chunk of a file lies, and whether it is in the work file. Rule: a part's row and its
// file's count change in the same step, so that a file is ready exactly when all of its parts are written.
//
//   wanted ── it came authentic ──▶ written          wanted ── its file failed or was skipped ──▶ dropped

import type { DamageCode } from "../../border/reasons.ts";
import { SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import type { BlobId, ChunkId } from "../../ids.ts";
import { columns, id, int, Statement, scalar, scalars, text, word } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import type { WantedPart } from "../fetch/loads.ts";
import { type OtherPlace, otherEpochs } from "./index-rows.ts";
import { countWritten, STATE } from "./restored-files.ts";
import { KIND } from "./version-rows.ts";

const PART = { wanted: 0, written: 1, dropped: 2 } as const;
/** Rows that one question of the Store gives. */
export const ROWS_A_QUERY = 1_200;
const WANTED = `restore_part WHERE state = ${PART.wanted}`;

/** A part of a file; `epoch` and `blob` are rows. */
export interface NewPart extends OtherPlace {
  readonly file: number;
  readonly idx: number;
  readonly chunk: ChunkId;
  readonly sealedBytes: number;
}

const ADD = new Statement<NewPart>(
  `INSERT OR REPLACE INTO restore_part (blob, offset, file, idx, chunk, epoch, sealed, state)
   VALUES (:blob, :offset, :file, :idx, :chunk, :epoch, :sealedBytes, ${PART.wanted})`,
);

export function addParts(store: Store, parts: readonly NewPart[]): void {
  ADD.runMany(store, parts);
}

export function forgetParts(store: Store, files: readonly { readonly id: number }[]): void {
  store.runMany(
    "DELETE FROM restore_part WHERE file = ?",
    files.map((file) => [file.id]),
  );
}

/** Parts of files that failed or were skipped are not wanted any more. */
export function dropParts(store: Store): void {
  store.run(
    `UPDATE restore_part SET state = ${PART.dropped} WHERE state = ${PART.wanted} AND file IN
      (SELECT id FROM restore_file WHERE kind = ${KIND.file} AND state IN (${STATE.failed}, ${STATE.skipped}))`,
  );
}

/** Where a walk through the wanted parts stands: behind this row of this blob. */
export interface Place {
  readonly blob: number;
  readonly sha: BlobId;
  readonly offset: number;
  readonly file: number;
  readonly idx: number;
}

const BLOB = columns({ blob: ["p.blob", int], sha: ["b.sha", id<BlobId>] });
const PART_OF_BLOB = columns({
  offset: int,
  file: int,
  idx: int,
  chunk: id<ChunkId>,
  epoch: int,
  sealedBytes: ["sealed", int],
});

/** The beginning of the next blob behind row `after` of which something is wanted, or null. */
export function nextBlob(store: Store, after: number): Place | null {
  const next = BLOB.first(
    store,
    `FROM restore_part p JOIN index_blob b ON b.id = p.blob
     WHERE p.blob > ? AND p.state = ${PART.wanted} ORDER BY p.blob LIMIT 1`,
    [after],
  );
  return next === null ? null : { ...next, offset: -1, file: 0, idx: 0 };
}

/** What is wanted of a blob behind a place, in the order of (offset, file, idx). */
export function wantedParts(store: Store, { blob, offset, file, idx }: Place): WantedPart[] {
  return PART_OF_BLOB.all(
    store,
    `FROM restore_part WHERE blob = ? AND (offset, file, idx) > (?, ?, ?) AND state = ${PART.wanted}
     ORDER BY offset, file, idx LIMIT ${ROWS_A_QUERY}`,
    [blob, offset, file, idx],
  );
}

/** Parts of one blob that were written into their files; files that have all of theirs are ready. */
export function markWritten(store: Store, blob: number, parts: readonly WantedPart[]): void {
  const counts = new Map<number, number>();
  for (const { file } of parts) counts.set(file, (counts.get(file) ?? 0) + 1);
  store.runMany(
    `UPDATE restore_part SET state = ${PART.written} WHERE blob = ? AND offset = ? AND file = ? AND idx = ?`,
    parts.map(({ offset, file, idx }) => [blob, offset, file, idx]),
  );
  countWritten(store, counts);
}

/** Fails files over their parts, and drops what else is wanted of them. */
export function failOverParts(store: Store, codes: ReadonlyMap<number, DamageCode>): void {
  store.runMany(
    `UPDATE restore_file SET state = ${STATE.failed}, code = ? WHERE id = ? AND state = ${STATE.fetching}`,
    [...codes].map(([file, code]) => [code, file]),
  );
  store.runMany(
    `UPDATE restore_part SET state = ${PART.dropped} WHERE file = ? AND state = ${PART.wanted}`,
    [...codes.keys()].map((file) => [file]),
  );
}

/** Fails files that need a part under an epoch that stays closed, and that stands nowhere else. */
export function failUnderEpoch(store: Store, epoch: number, code: DamageCode): void {
  store.run(
    `UPDATE restore_file SET state = ${STATE.failed}, code = ? WHERE state = ${STATE.fetching} AND id IN
      (SELECT file FROM ${WANTED} AND epoch = ? AND chunk NOT IN (SELECT chunk FROM index_place))`,
    [code, epoch],
  );
  dropParts(store);
}

export function wantedEpochs(store: Store): number[] {
  return scalars(store, int, `SELECT DISTINCT epoch FROM ${WANTED}`);
}

/** The epochs of the other places of all parts that are wanted. */
export function wantedElsewhere(store: Store): number[] {
  return otherEpochs(store, WANTED);
}

/** A part as its place has it. */
export interface PlacedPart {
  readonly blob: number;
  readonly offset: number;
  readonly file: number;
  readonly idx: number;
  readonly chunk: string;
}

const PLACED = columns({ blob: int, offset: int, file: int, idx: int, chunk: text });

/** Some of the wanted parts under an epoch. */
export function wantedUnder(store: Store, epoch: number, most: number): PlacedPart[] {
  return PLACED.all(store, `FROM ${WANTED} AND epoch = ? LIMIT ${most}`, [epoch]);
}

/** False when its file failed over another part meanwhile: then it is not wanted any more. */
export function movePart(store: Store, { blob, offset, file, idx }: PlacedPart, to: OtherPlace): boolean {
  const { changes } = store.run(
    `UPDATE restore_part SET blob = ?, offset = ?, epoch = ?
      WHERE blob = ? AND offset = ? AND file = ? AND idx = ? AND state = ${PART.wanted}`,
    [to.blob, to.offset, to.epoch, blob, offset, file, idx],
  );
  return changes > 0;
}

/** A part that is sought elsewhere: how many other places were tried, and what its version's own place said. */
export interface Detour {
  readonly tried: number;
  readonly code: DamageCode;
}

const DETOUR = columns({ tried: int, code: word<DamageCode> });

export function readDetour(store: Store, file: number, idx: number): Detour | null {
  return DETOUR.first(store, "FROM restore_detour WHERE file = ? AND idx = ?", [file, idx]);
}

export function putDetour(store: Store, file: number, idx: number, { tried, code }: Detour): void {
  const sql = "INSERT OR REPLACE INTO restore_detour (file, idx, tried, code) VALUES (?, ?, ?, ?)";
  store.run(sql, [file, idx, tried, code]);
}

const PIECE = columns({ idx: int, chunk: text });

/** A file's parts from `first` on, in order; at most `most`. */
export function partsOf(store: Store, file: number, first: number, most: number): { idx: number; chunk: string }[] {
  const which = "file = ? AND idx >= ? AND idx < ?";
  return PIECE.all(store, `FROM restore_part WHERE ${which} ORDER BY idx`, [file, first, first + most]);
}

/** What the work file holds of these parts, and what it lacks. */
export function markFound(store: Store, file: number, parts: readonly { idx: number; isThere: boolean }[]): void {
  store.runMany(
    "UPDATE restore_part SET state = ? WHERE file = ? AND idx = ?",
    parts.map(({ idx, isThere }) => [isThere ? PART.written : PART.wanted, file, idx]),
  );
}

/** Bytes in work files of what is not done. */
export function sumWritten(store: Store): number {
  return scalar(
    store,
    int,
    `SELECT coalesce(sum(p.sealed - ${SEAL_OVERHEAD_BYTES}), 0) FROM restore_part p JOIN restore_file f ON f.id = p.file
     WHERE p.state = ${PART.written} AND f.state != ${STATE.done}`,
  );
}

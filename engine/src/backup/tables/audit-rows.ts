// Kept questions about stored blobs. Rule: a question is counted as asked before it leaves, since whoever heard it may answer it
// again without the blob.

import type { BlobId } from "../../ids.ts";
import { bytes, columns, id, int, scalar, scalars, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";

const STORED = "FROM blob b WHERE b.state = 1";
const LEFT = "FROM blob b JOIN audit a ON a.blob = b.id WHERE b.state = 1 AND a.used < 8";

/** A stored blob with questions that were not asked yet. */
export interface Auditable {
  readonly blob: number;
  readonly sha: BlobId;
  readonly questions: Uint8Array;
  readonly answers: Uint8Array;
  readonly used: number;
}

const AUDITABLE = columns({
  blob: ["b.id", int],
  sha: ["b.sha", id<BlobId>],
  questions: bytes,
  answers: bytes,
  used: int,
});

/** Keeps the questions about a blob in place of those that were kept before. */
export function keepQuestions(store: Store, blob: number, questions: Uint8Array, answers: Uint8Array): void {
  const sql = "INSERT OR REPLACE INTO audit (blob, questions, answers, used) VALUES (?, ?, ?, 0)";
  store.run(sql, [blob, questions, answers]);
}

export interface StoredSum {
  readonly blobs: number;
  readonly bytes: number;
  /** How many of them can be asked about. */
  readonly auditable: number;
}

const SUM = columns({ blobs: ["count(*)", int], bytes: ["coalesce(sum(b.size), 0)", int] });

/** What is stored, as far as this machine put it there. */
export function sumStoredBlobs(store: Store): StoredSum {
  const auditable = scalar(store, int, `SELECT count(*) ${LEFT}`);
  return { ...(SUM.first(store, STORED) ?? { blobs: 0, bytes: 0 }), auditable };
}

/** The rows of all blobs that can be asked about. */
export function listAuditable(store: Store): number[] {
  return scalars(store, int, `SELECT b.id ${LEFT} ORDER BY b.id`);
}

/** Blobs by their rows; those that are there no more are left out. */
export function readAuditable(store: Store, blobs: readonly number[]): Auditable[] {
  return blobs.flatMap((blob) => AUDITABLE.all(store, `${LEFT} AND b.id = ?`, [blob]));
}

export function countAsked(store: Store, blobs: readonly number[]): void {
  store.runMany(
    "UPDATE audit SET used = used + 1 WHERE blob = ?",
    blobs.map((blob) => [blob]),
  );
}

/** Forgets questions about blobs that are no more. */
export function forgetUnasked(store: Store): void {
  store.run("DELETE FROM audit WHERE blob NOT IN (SELECT id FROM blob)");
}

const PLACE = columns({ folder: ["e.folder", int], name: ["e.name", text] });

/** Files whose chunks lie in a blob, as far as this machine knows. */
export function filesIn(
  store: Store,
  blob: number,
  most: number,
): { readonly folder: number; readonly name: string }[] {
  const rest = `FROM chunk c JOIN entry e ON e.id = c.source WHERE c.blob = ? GROUP BY e.id ORDER BY e.id LIMIT ${most}`;
  return PLACE.all(store, rest, [blob]);
}

// How far an export is: its logs, blobs and members. Rule: the only SQL of an export; a row says that something is written when
// the host answered that it is on stable storage.

import type { BlobId, DeviceId, Digest } from "../../ids.ts";
import { columns, id, int, orNull, scalar, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";

const MEMBERS_A_PIECE = 500;

/** A device's log: as it was when the export began, and how far it is written. */
export interface ExportLog {
  readonly device: DeviceId;
  readonly number: number;
  readonly hash: Digest;
  readonly epoch: number;
  /** The last record that was written. */
  readonly record: number;
  /** Its hash; null when nobody knows it. */
  readonly recordHash: Digest | null;
  /** The last envelope that was written. */
  readonly envelope: number;
}

const LOG = columns({
  device: id<DeviceId>,
  number: int,
  hash: id<Digest>,
  epoch: int,
  record: int,
  recordHash: ["record_hash", orNull(id<Digest>)],
  envelope: int,
});

/** Forgets the export before. */
export function clearExport(store: Store): void {
  for (const table of ["export_log", "export_blob", "export_member"]) store.run(`DELETE FROM ${table}`);
}

export function putLog(store: Store, log: ExportLog): void {
  const { device, number, hash, epoch, record, recordHash, envelope } = log;
  const sql = `INSERT OR REPLACE INTO export_log (device, number, hash, epoch, record, record_hash, envelope)
    VALUES (?, ?, ?, ?, ?, ?, ?)`;
  store.run(sql, [device, number, hash, epoch, record, recordHash, envelope]);
}

/** The first log behind `after` in the order of devices' ids, or null. */
export function nextLog(store: Store, after: string): ExportLog | null {
  return LOG.first(store, "FROM export_log WHERE device > ? ORDER BY device LIMIT 1", [after]);
}

/** Kinds of blobs as the table holds them. */
export const BLOB_KIND = { parts: 0, unread: 1, read: 2 } as const;
const STATE = { wanted: 0, written: 1, lost: 2 } as const;

export interface ExportBlob {
  readonly sha: BlobId;
  readonly device: DeviceId;
  readonly record: number;
}

const BLOB = columns({ sha: id<BlobId>, device: id<DeviceId>, record: int });

/** Wants these blobs, each once; the first record that needs one is kept. */
export function wantBlobs(store: Store, blobs: readonly ExportBlob[], kind: number): void {
  store.runMany(
    "INSERT OR IGNORE INTO export_blob (sha, device, record, kind) VALUES (?, ?, ?, ?)",
    blobs.map(({ sha, device, record }) => [sha, device, record, kind]),
  );
}

/** A reference blob whose ids were not read yet, or null. */
export function nextReference(store: Store): ExportBlob | null {
  return BLOB.first(store, "FROM export_blob WHERE kind = ? AND state = ? LIMIT 1", [BLOB_KIND.unread, STATE.wanted]);
}

export function markRead(store: Store, blob: BlobId): void {
  store.run("UPDATE export_blob SET kind = ? WHERE sha = ?", [BLOB_KIND.read, blob]);
}

/** The next blob that is wanted behind `after` in the order of ids, or null. */
export function nextBlob(store: Store, after: string): ExportBlob | null {
  return BLOB.first(store, "FROM export_blob WHERE sha > ? AND state = ? ORDER BY sha LIMIT 1", [after, STATE.wanted]);
}

export function markBlob(store: Store, blob: BlobId, end: "written" | "lost"): void {
  store.run("UPDATE export_blob SET state = ? WHERE sha = ?", [STATE[end], blob]);
}

/** How many blobs there are, and how many of them are written or lost. */
export function countBlobs(store: Store): { all: number; done: number; written: number } {
  return {
    all: scalar(store, int, "SELECT count(*) FROM export_blob"),
    done: scalar(store, int, "SELECT count(*) FROM export_blob WHERE state <> ?", [STATE.wanted]),
    written: scalar(store, int, "SELECT count(*) FROM export_blob WHERE state = ?", [STATE.written]),
  };
}

/** How many records were written. */
export function countRecords(store: Store): number {
  return scalar(store, int, "SELECT count(*) FROM export_member WHERE name LIKE 'devices/%/records/%'");
}

/** A member, by its name and the SHA-256 of its content. */
export interface Member {
  readonly name: string;
  readonly sha: Digest;
}

const MEMBER = columns({ id: int, name: text, sha: id<Digest> });

export function addMembers(store: Store, members: readonly Member[]): void {
  store.runMany(
    "INSERT INTO export_member (name, sha) VALUES (?, ?)",
    members.map(({ name, sha }) => [name, sha]),
  );
}

/** Some members behind row `after` in their order. */
export function membersAfter(store: Store, after: number): (Member & { readonly id: number })[] {
  return MEMBER.all(store, `FROM export_member WHERE id > ? ORDER BY id LIMIT ${MEMBERS_A_PIECE}`, [after]);
}

// The index of a vault: its devices' logs as far as they are read, and what records name by rows: epochs, blobs, roots, places.
// Rule: a record is in the index before the next one is looked at, so a process that ends loses nothing that it read.

import { type BlobId, type DeviceId, type Digest, ZERO_DIGEST } from "../../ids.ts";
import {
  bytes,
  type Columns,
  columns,
  exists,
  id,
  int,
  orNull,
  Statement,
  scalar,
  scalars,
  text,
} from "../../store/columns.ts";
import type { Store, StoreValue } from "../../store/store.ts";

/** How many ids one question of the Store names; SQLite 3.18 takes 999. */
const IDS_A_QUERY = 250;
const INDEX = [
  "index_device",
  "index_record",
  "index_epoch",
  "index_blob",
  "index_root",
  "index_version",
  "index_place",
  "index_damage",
  "index_damage_since",
];

/** Forgets everything; what is being restored of it has to be forgotten too. */
export function clearIndex(store: Store): void {
  for (const table of INDEX) store.run(`DELETE FROM ${table}`);
}

/** Forgets what one device's records told, so that they are read again; `device` is its row's id. */
export function clearDevice(store: Store, device: number): void {
  store.run("DELETE FROM index_version WHERE root IN (SELECT id FROM index_root WHERE device = ?)", [device]);
  store.run("DELETE FROM index_record WHERE device = ?", [device]);
  store.run("DELETE FROM index_place WHERE device = ?", [device]);
  store.run("DELETE FROM index_damage WHERE device = (SELECT device FROM index_device WHERE id = ?)", [device]);
  store.run("UPDATE index_device SET number = 0, hash = ?, time_ms = 0 WHERE id = ?", [ZERO_DIGEST, device]);
}

/** The row of a device, made when it is not there; it has this name from now on. */
export function deviceRow(store: Store, device: DeviceId, name: string): number {
  const sql = "INSERT OR IGNORE INTO index_device (device, name, number, hash, time_ms) VALUES (?, ?, 0, ?, 0)";
  store.run(sql, [device, name, ZERO_DIGEST]);
  store.run("UPDATE index_device SET name = ? WHERE device = ?", [name, device]);
  return scalar(store, int, "SELECT id FROM index_device WHERE device = ?", [device]);
}

/** The row of a device that is in the index, or null. */
export function rowOf(store: Store, device: DeviceId): number | null {
  return scalars(store, int, "SELECT id FROM index_device WHERE device = ?", [device])[0] ?? null;
}

/** The last record that was read of a device; `hash` null after one whose hash nobody knows. */
export interface ReadRecord {
  readonly number: number;
  readonly hash: Digest | null;
  readonly timeMs: number;
}

const READ = columns({ number: int, hash: orNull(id<Digest>), timeMs: ["time_ms", int] });
const READ_ON = new Statement<ReadRecord & { readonly device: number }>(
  "UPDATE index_device SET number = :number, hash = :hash, time_ms = :timeMs WHERE id = :device",
);

export function lastRead(store: Store, device: number): ReadRecord {
  return READ.first(store, "FROM index_device WHERE id = ?", [device]) ?? { number: 0, hash: ZERO_DIGEST, timeMs: 0 };
}

/** The record of this number was read, or passed over. */
export function markRead(store: Store, device: number, record: ReadRecord): void {
  READ_ON.run(store, { ...record, device });
  const { hash, number, timeMs } = record;
  if (hash === null) return;
  const sql = "INSERT OR IGNORE INTO index_record (hash, device, number, time_ms) VALUES (?, ?, ?, ?)";
  store.run(sql, [hash, device, number, timeMs]);
}

/** A record by its number and hash; number 0 and zeros for none. */
export interface LoggedAt {
  readonly number: number;
  readonly hash: Digest;
}

const LOGGED = columns({ number: int, hash: id<Digest> });

/** A device's last record whose time is below `beforeMs`, its last of all for null. */
export function lastBefore(store: Store, device: number, beforeMs: number | null): LoggedAt | null {
  const rest = "FROM index_record WHERE device = ? AND (? IS NULL OR time_ms < ?) ORDER BY number DESC LIMIT 1";
  return LOGGED.first(store, rest, [device, beforeMs, beforeMs]);
}

/** Whether records of a device were read by a version that kept no times. */
export function hasUntimed(store: Store, device: number): boolean {
  return exists(store, "FROM index_record WHERE device = ? AND time_ms IS NULL", [device]);
}

const DAY = columns({ firstMs: ["min(time_ms)", int], records: ["count(*)", int], first: ["min(number)", int] });
const DAY_MS = 86_400_000;

/** What a device recorded in one day, the newest day first: when it began, how many records, the number of the first. */
export function readDays(
  store: Store,
  device: number,
  most: number,
): { readonly firstMs: number; readonly records: number; readonly first: number }[] {
  const rest = `FROM index_record WHERE device = ? GROUP BY time_ms / ${DAY_MS} ORDER BY 1 DESC LIMIT ${most}`;
  return DAY.all(store, rest, [device]);
}

/** How many records of a device stand above a number. */
export function countAbove(store: Store, device: number, number: number): number {
  return scalar(store, int, "SELECT count(*) FROM index_record WHERE device = ? AND number > ?", [device, number]);
}

/** Whether a record was read: of this device, or (null) of any. */
export function hasRecord(store: Store, hash: Digest, device: number | null): boolean {
  return exists(store, "FROM index_record WHERE hash = ? AND (? IS NULL OR device = ?)", [hash, device, device]);
}

export interface EpochRow {
  readonly device: DeviceId;
  readonly number: number;
  /** Null: a record names the epoch, and the server has not shown its envelope. */
  readonly envelope: Uint8Array | null;
}

const EPOCH = columns({ device: id<DeviceId>, number: int, envelope: orNull(bytes) });

/** The row of an epoch, made when it is not there; its envelope may come later. */
export function epochRow(store: Store, device: DeviceId, number: number): number {
  store.run("INSERT OR IGNORE INTO index_epoch (device, number) VALUES (?, ?)", [device, number]);
  return scalar(store, int, "SELECT id FROM index_epoch WHERE device = ? AND number = ?", [device, number]);
}

export function readEpoch(store: Store, epoch: number): EpochRow | null {
  return EPOCH.first(store, "FROM index_epoch WHERE id = ?", [epoch]);
}

/** Keeps an envelope as the server gave it; one that is there stays. */
export function keepEnvelope(store: Store, epoch: number, envelope: Uint8Array): void {
  store.run("UPDATE index_epoch SET envelope = ? WHERE id = ? AND envelope IS NULL", [envelope, epoch]);
}

/** The newest epoch of a device before this number whose envelope is kept; 0 when there is none. */
export function newestKept(store: Store, device: DeviceId, before: number): number {
  const which = "device = ? AND envelope IS NOT NULL AND number < ?";
  return scalar(store, int, `SELECT coalesce(max(number), 0) FROM index_epoch WHERE ${which}`, [device, before]);
}

const BLOB = columns({ sha: id<BlobId>, id: int });

/** The rows of blobs, made when they are not there. */
export function blobRows(store: Store, blobs: readonly BlobId[]): Map<BlobId, number> {
  store.runMany(
    "INSERT OR IGNORE INTO index_blob (sha) VALUES (?)",
    blobs.map((blob) => [blob]),
  );
  return new Map(allIn(store, BLOB, "FROM index_blob WHERE sha IN", blobs).map((row) => [row.sha, row.id]));
}

export function blobOf(store: Store, blob: number): BlobId {
  return scalar(store, id<BlobId>, "SELECT sha FROM index_blob WHERE id = ?", [blob]);
}

/** The records of `rest … IN (ids)`, asked in pieces of one statement. */
export function allIn<T>(store: Store, of: Columns<T>, rest: string, ids: readonly (string | number)[]): T[] {
  const list = `${rest} (${Array.from({ length: IDS_A_QUERY }, () => "?").join(",")})`;
  const records: T[] = [];
  for (let from = 0; from < ids.length; from += IDS_A_QUERY) {
    const piece: StoreValue[] = ids.slice(from, from + IDS_A_QUERY);
    // The statement is the same for every piece; null equals no id.
    while (piece.length < IDS_A_QUERY) piece.push(null);
    records.push(...of.all(store, list, piece));
  }
  return records;
}

export function rootRow(store: Store, device: number, name: string): number {
  store.run("INSERT OR IGNORE INTO index_root (device, name) VALUES (?, ?)", [device, name]);
  return scalar(store, int, "SELECT id FROM index_root WHERE device = ? AND name = ?", [device, name]);
}

/** Any device for null; a name that several share means each of them, and one of them has the beginning of its id behind it. */
const IS_DEVICE = "(? IS NULL OR d.name = ? OR d.name = ? || ' (' || substr(d.device, 1, 8) || ')')";

export interface RootRow {
  readonly root: number;
  readonly name: string;
  readonly device: number;
  readonly deviceName: string;
}

const ROOT = columns({
  root: ["r.id", int],
  name: ["r.name", text],
  device: ["d.id", int],
  deviceName: ["d.name", text],
});

export function hasDevice(store: Store, name: string): boolean {
  return exists(store, `FROM index_device d WHERE ${IS_DEVICE}`, [name, name, name]);
}

/** The roots of the devices that are called so, or (null) of all, in the order of devices' and roots' names. */
export function readRoots(store: Store, device: string | null): RootRow[] {
  return ROOT.all(
    store,
    `FROM index_root r JOIN index_device d ON d.id = r.device WHERE ${IS_DEVICE} ORDER BY d.name, d.device, r.name`,
    [device, device, device],
  );
}

/** A place of a chunk or list besides its version's own; `epoch` and `blob` are rows. */
export interface OtherPlace {
  readonly epoch: number;
  readonly blob: number;
  readonly offset: number;
}

const PLACE = columns({ epoch: int, blob: int, offset: int });
const MOVED = new Statement<OtherPlace & { readonly chunk: string; readonly device: number }>(
  `INSERT OR REPLACE INTO index_place (chunk, device, epoch, blob, offset)
   VALUES (:chunk, :device, :epoch, :blob, :offset)`,
);

/** What moved entries of a device say. Records come in their order, so the newest place of each is kept. */
export function addPlaces(store: Store, device: number, places: readonly (OtherPlace & { chunk: string })[]): void {
  MOVED.runMany(
    store,
    places.map((place) => ({ ...place, device })),
  );
}

/** Other places of a chunk or list in the order in which they are tried: those of the version's own device come first. */
export function otherPlaces(store: Store, chunk: string, owner: number): OtherPlace[] {
  return PLACE.all(store, "FROM index_place WHERE chunk = ? ORDER BY device <> ?, device", [chunk, owner]);
}

/** The epochs of the other places of all parts that are wanted. */
export function otherEpochs(store: Store, wanted: string): number[] {
  const sql = `SELECT DISTINCT epoch FROM index_place WHERE chunk IN (SELECT chunk FROM ${wanted})`;
  return scalars(store, int, sql);
}

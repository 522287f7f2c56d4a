// The tables of the role `restore`. Rule: the index holds every version that the vault's records tell of, with the time
// from which and until which it was the current one; a restore holds what it makes of them. SQL runs on SQLite 3.18.

import type { Store } from "../store/store.ts";

/** `until_ms` of a version that nothing has replaced yet; also the time that stands for "now". */
export const FOREVER_MS: number = Number.MAX_SAFE_INTEGER;

/** Kinds of versions. */
export const KIND = { file: 1, folder: 2, link: 3 } as const;

/**
 * States of a file, folder or link that is being restored.
 *
 *   planned ──▶ fetching ──▶ ready ──▶ finishing ──▶ done
 *      │           │           │           ├──▶ occupied ──▶ done or skipped
 *      └───────────┴───────────┴───────────┴──▶ failed       made (folders whose times are still to be set) ──▶ done
 *
 * fetching: its parts are known. ready: all of them lie in its work file. finishing: asked for, maybe in place already.
 * occupied: something is in its place and is still to be compared. failed and skipped: `code` says why.
 */
export const STATE = {
  planned: 0,
  fetching: 1,
  ready: 2,
  finishing: 3,
  done: 4,
  failed: 5,
  skipped: 6,
  occupied: 7,
  made: 8,
} as const;

/** States of a part: still to be fetched, in its work file, or no longer wanted. */
export const PART = { wanted: 0, written: 1, dropped: 2 } as const;

const TABLES: readonly string[] = [
  // number, hash, time_ms: of the last record that was read; hash null after one whose hash nobody knows.
  `CREATE TABLE IF NOT EXISTS index_device (id INTEGER PRIMARY KEY, device TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
     number INTEGER NOT NULL, hash TEXT, time_ms INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS index_record (hash TEXT PRIMARY KEY, device INTEGER NOT NULL, number INTEGER NOT NULL)
     WITHOUT ROWID`,
  // envelope null: a record names the epoch, and the server has not shown its envelope.
  `CREATE TABLE IF NOT EXISTS index_epoch (id INTEGER PRIMARY KEY, device TEXT NOT NULL, number INTEGER NOT NULL,
     envelope BLOB, UNIQUE (device, number))`,
  "CREATE TABLE IF NOT EXISTS index_blob (id INTEGER PRIMARY KEY, sha TEXT NOT NULL UNIQUE)",
  `CREATE TABLE IF NOT EXISTS index_root (id INTEGER PRIMARY KEY, device INTEGER NOT NULL, name TEXT NOT NULL,
     UNIQUE (device, name))`,
  // seq orders the versions of one device. refs: CBOR of references whose source is an epoch's id and whose blob a blob's.
  `CREATE TABLE IF NOT EXISTS index_version (id INTEGER PRIMARY KEY AUTOINCREMENT, root INTEGER NOT NULL,
     path TEXT NOT NULL, kind INTEGER NOT NULL, seq INTEGER NOT NULL, since_ms INTEGER NOT NULL,
     until_ms INTEGER NOT NULL, size INTEGER NOT NULL, mtime_s INTEGER NOT NULL, mtime_us INTEGER NOT NULL,
     mode INTEGER, target TEXT, lists INTEGER NOT NULL, refs BLOB)`,
  "CREATE INDEX IF NOT EXISTS index_version_path ON index_version (root, path, until_ms)",
  // Where moved entries say that a chunk or list stands besides: the newest place of each device.
  `CREATE TABLE IF NOT EXISTS index_place (chunk TEXT NOT NULL, device INTEGER NOT NULL, epoch INTEGER NOT NULL,
     blob INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (chunk, device)) WITHOUT ROWID`,
  // Version 0.1 had no device there, and put these places before the versions' own; nothing has ever written one.
  "DROP TABLE IF EXISTS index_moved",
  `CREATE TABLE IF NOT EXISTS index_damage (id INTEGER PRIMARY KEY, device TEXT NOT NULL, record INTEGER,
     code TEXT NOT NULL)`,
  // Damage of records that say nothing of what was before a time.
  "CREATE TABLE IF NOT EXISTS index_damage_since (damage INTEGER PRIMARY KEY, since_ms INTEGER NOT NULL)",
  `CREATE TABLE IF NOT EXISTS restore_file (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL UNIQUE,
     path TEXT NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, chunks INTEGER NOT NULL DEFAULT 0,
     done INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, code TEXT)`,
  "CREATE INDEX IF NOT EXISTS restore_file_state ON restore_file (kind, state, id)",
  `CREATE TABLE IF NOT EXISTS restore_part (blob INTEGER NOT NULL, offset INTEGER NOT NULL, file INTEGER NOT NULL,
     idx INTEGER NOT NULL, chunk TEXT NOT NULL, epoch INTEGER NOT NULL, sealed INTEGER NOT NULL,
     state INTEGER NOT NULL, PRIMARY KEY (blob, offset, file, idx)) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS restore_part_file ON restore_part (file, idx)",
  // Names that are taken in a target that ignores case or normal forms, folded, while names are given.
  "CREATE TABLE IF NOT EXISTS restore_name (folded TEXT PRIMARY KEY, file INTEGER NOT NULL) WITHOUT ROWID",
  // Parts that are sought in another place than their version's: how many were tried, and what the version's own said.
  `CREATE TABLE IF NOT EXISTS restore_detour (file INTEGER NOT NULL, idx INTEGER NOT NULL, tried INTEGER NOT NULL,
     code TEXT NOT NULL, PRIMARY KEY (file, idx)) WITHOUT ROWID`,
];

const INDEX: readonly string[] = [
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

/** Makes the tables that are not there. */
export function createTables(store: Store): void {
  for (const sql of TABLES) store.run(sql);
}

/** Forgets the index, and with it every restore. */
export function clearIndex(store: Store): void {
  clearRestore(store);
  for (const table of INDEX) store.run(`DELETE FROM ${table}`);
}

/** Forgets what was being restored. */
export function clearRestore(store: Store): void {
  store.run("DELETE FROM restore_part");
  store.run("DELETE FROM restore_detour");
  store.run("DELETE FROM restore_name");
  store.run("DELETE FROM restore_file");
}

/** Forgets what one device's records told, so that they are read again; `device` is its row's id. */
export function clearDevice(store: Store, device: number): void {
  store.run("DELETE FROM index_version WHERE root IN (SELECT id FROM index_root WHERE device = ?)", [device]);
  store.run("DELETE FROM index_record WHERE device = ?", [device]);
  store.run("DELETE FROM index_place WHERE device = ?", [device]);
  store.run("DELETE FROM index_damage WHERE device = (SELECT device FROM index_device WHERE id = ?)", [device]);
  store.run("UPDATE index_device SET number = 0, hash = ?, time_ms = 0 WHERE id = ?", ["0".repeat(64), device]);
}

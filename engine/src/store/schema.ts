// The engine's tables and their migrations. Rule: SQL runs on SQLite 3.18 (no UPSERT, RETURNING, window functions, JSON);
// a migration that has been released is never changed, a later one mends it.

import { CoffreError } from "../errors.ts";
import { exists, int, orNull, scalar } from "./columns.ts";
import { EXPORT_TABLES } from "./export-tables.ts";
import { RESTORE_TABLES } from "./restore-tables.ts";
import type { Store } from "./store.ts";

/** Entry kinds as the table holds them. */
export const KIND = { file: 1, folder: 2, link: 3, other: 4 } as const;

/** Entry states as the table holds them: who moves an entry on, and what each state guarantees, is `backup/tables/entry-rows.ts`. */
export const STATE = {
  synced: 0,
  new: 1,
  hashing: 2,
  pending: 3,
  listing: 4,
  ready: 5,
  recording: 6,
  gone: 7,
  goneRecording: 8,
  waiting: 9,
  excluded: 10,
} as const;

const V1: readonly string[] = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE start (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID",
  `CREATE TABLE root (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, locator TEXT NOT NULL,
     excludes TEXT NOT NULL, identity TEXT, unavailable TEXT)`,
  // `due` 1: to be listed, from behind `after`. `missing` 1: an entry was not found where it should be. `failed`: why the
  // last listing did not work.
  `CREATE TABLE folder (id INTEGER PRIMARY KEY AUTOINCREMENT, root INTEGER NOT NULL, path TEXT NOT NULL, due INTEGER NOT NULL,
     after TEXT, missing INTEGER NOT NULL DEFAULT 0, rule TEXT, failed TEXT, UNIQUE (root, path))`,
  "CREATE INDEX folder_due ON folder (due, id)",
  // `replaces`, bits: 1, the next record says first that what was at this path is gone; 2, the frozen record does.
  `CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, folder INTEGER NOT NULL, name TEXT NOT NULL,
     kind INTEGER NOT NULL, state INTEGER NOT NULL, size INTEGER NOT NULL, mtime_s INTEGER NOT NULL, mtime_us INTEGER NOT NULL,
     ctime_s INTEGER, ctime_us INTEGER, mode INTEGER, identity TEXT NOT NULL, target TEXT,
     racy INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0, hashed INTEGER NOT NULL DEFAULT 0,
     pending INTEGER NOT NULL DEFAULT 0, noted INTEGER NOT NULL DEFAULT 0, replaces INTEGER NOT NULL DEFAULT 0,
     record INTEGER, version TEXT, synced_size INTEGER, reason TEXT, tries INTEGER NOT NULL DEFAULT 0, retry_at INTEGER,
     rule TEXT, UNIQUE (folder, name))`,
  // Dead: `synced_size`. Written, and read by `SHORT_LIVES` and tests alone: `noted`, up to which piece records name the file.
  "CREATE INDEX entry_state ON entry (state, id)",
  "CREATE INDEX entry_record ON entry (record)",
  // A file's chunks in order while it is under way; lists are numbered from -1 downwards.
  "CREATE TABLE piece (entry INTEGER NOT NULL, idx INTEGER NOT NULL, chunk INTEGER NOT NULL, PRIMARY KEY (entry, idx)) WITHOUT ROWID",
  "CREATE INDEX piece_chunk ON piece (chunk)",
  // blob 0: not planned yet; its bytes are then chunk `source_idx` of entry `source` (a list where source_idx < 0).
  `CREATE TABLE chunk (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, blob INTEGER NOT NULL, offset INTEGER NOT NULL,
     sealed INTEGER NOT NULL, source INTEGER NOT NULL, source_idx INTEGER NOT NULL)`,
  "CREATE INDEX chunk_blob ON chunk (blob, id)",
  "CREATE INDEX chunk_list ON chunk (source) WHERE source_idx < 0",
  // state 0: planned or on its way, 1: the server answered that it is stored. kind 0: parts, 1: reference blob.
  `CREATE TABLE blob (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, sha TEXT, size INTEGER NOT NULL,
     epoch INTEGER NOT NULL, state INTEGER NOT NULL, record INTEGER, owner INTEGER)`,
  "CREATE INDEX blob_state ON blob (state, id)",
  "CREATE INDEX blob_owner ON blob (owner)",
  "CREATE INDEX blob_sha ON blob (sha)",
  // state 0: envelope made, 1: the server has it.
  `CREATE TABLE epoch (number INTEGER PRIMARY KEY, envelope BLOB NOT NULL, hash TEXT NOT NULL, state INTEGER NOT NULL,
     started_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, erased INTEGER NOT NULL DEFAULT 0)`,
  // header and body are kept until the receipt; state 0: frozen, 1: receipt verified. `refused` 1: the server holds another
  // record under this number.
  `CREATE TABLE record (number INTEGER PRIMARY KEY, state INTEGER NOT NULL, epoch INTEGER NOT NULL, hash TEXT,
     refused INTEGER NOT NULL DEFAULT 0, header BLOB, body BLOB, receipt BLOB, time_ms INTEGER)`,
];

/** What was seen of vaults and servers (`evidence/seen.ts`), receipts that stay, and holes that were answered. */
const EVIDENCE: readonly string[] = [
  // key: the one that signs the server's receipts, in base64.
  `CREATE TABLE evidence_server (url TEXT NOT NULL, login TEXT NOT NULL, vault TEXT NOT NULL, key TEXT NOT NULL,
     PRIMARY KEY (url, login)) WITHOUT ROWID`,
  // kind 1: the vault object, 2: the roster; signed bytes whose signature was verified.
  `CREATE TABLE evidence_structure (vault TEXT NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL,
     PRIMARY KEY (vault, kind))`,
  `CREATE TABLE evidence_head (vault TEXT NOT NULL, device TEXT NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL,
     PRIMARY KEY (vault, device)) WITHOUT ROWID`,
  // Receipted records that the server does not show any more: they stay until newer ones stand.
  `CREATE TABLE lost_record (number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, hash TEXT NOT NULL, receipt BLOB,
     time_ms INTEGER)`,
  // Records that the server called damaged and whose entries were recorded anew because of it.
  "CREATE TABLE answered_record (number INTEGER PRIMARY KEY)",
];

/**
 * What a short process knew in memory alone. Of a blob: `stored_ms`, since when the server has it; `record`, the record under
 * whose number it was last looked at whether anything names it, null while none was; `tries`, how often it was sent in vain;
 * `retry_ms`, before which it is not sent again.
 */
const SHORT_LIVES: readonly string[] = [
  "ALTER TABLE blob ADD COLUMN stored_ms INTEGER",
  "ALTER TABLE blob ADD COLUMN tries INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE blob ADD COLUMN retry_ms INTEGER",
  "UPDATE blob SET record = 0 WHERE state = 1 AND record IS NULL",
  `UPDATE blob SET record = NULL WHERE id IN (SELECT c.blob FROM piece p JOIN chunk c ON c.id = p.chunk
     JOIN entry e ON e.id = p.entry WHERE p.idx >= e.noted OR p.idx < 0)`,
  "CREATE INDEX blob_unrecorded ON blob (stored_ms) WHERE state = 1 AND record IS NULL",
];

/** Entries under way that build on places of version 0.1's adoption. */
const ON_ADOPTED_PLACES = "SELECT p.entry FROM piece p JOIN chunk c ON c.id = p.chunk WHERE c.source = 0";

/**
 * Version 0.1 took places of chunks on the word of records that it adopted (`source` 0), and anybody with a copy of the home
 * could write such a record. They are forgotten, and every file that may lie there is read and recorded anew: those that are
 * under way there, and those of records behind the first that was adopted.
 */
const NO_PLACES_ON_TRUST: readonly string[] = [
  `UPDATE entry SET state = ${STATE.new}, version = '', hashed = 0, pending = 0, noted = 0
    WHERE state = ${STATE.synced} AND kind = ${KIND.file} AND record >
      (SELECT coalesce(min(coalesce(b.record, 0)), ${Number.MAX_SAFE_INTEGER}) FROM chunk c LEFT JOIN blob b ON b.id = c.blob
        WHERE c.source = 0)`,
  `UPDATE entry SET state = ${STATE.new}, version = '', hashed = 0, pending = 0, noted = 0
    WHERE state BETWEEN ${STATE.new} AND ${STATE.recording} AND id IN (${ON_ADOPTED_PLACES})`,
  `DELETE FROM chunk WHERE source_idx < 0 AND source IN (${ON_ADOPTED_PLACES})
    AND (blob = 0 OR blob IN (SELECT id FROM blob WHERE state = 0))`,
  `DELETE FROM blob WHERE state = 0 AND owner IN (${ON_ADOPTED_PLACES})`,
  `UPDATE blob SET owner = NULL WHERE owner IN (${ON_ADOPTED_PLACES})`,
  `DELETE FROM piece WHERE entry IN (${ON_ADOPTED_PLACES})`,
  "DELETE FROM chunk WHERE source = 0",
];

/** What a host may say of folders and names, and what is not believed of it. */
const SIGHT: readonly string[] = [
  // Why the name could not be looked at when its folder was last listed; the rest of the row is from before that.
  "ALTER TABLE entry ADD COLUMN unseen TEXT",
  // `mounted` 1: the folder was another disk, of this `identity`. `held`: why what is missing in it is not believed to be gone,
  // since `held_ms`. `believed` 1: its owner said that what is missing is gone.
  "ALTER TABLE folder ADD COLUMN mounted INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE folder ADD COLUMN identity TEXT",
  "ALTER TABLE folder ADD COLUMN held TEXT",
  "ALTER TABLE folder ADD COLUMN held_ms INTEGER",
  "ALTER TABLE folder ADD COLUMN believed INTEGER NOT NULL DEFAULT 0",
  // 1: changes below the root may go unseen until the next sweep.
  "ALTER TABLE root ADD COLUMN unwatched INTEGER NOT NULL DEFAULT 0",
];

/**
 * A list and a chunk of the same bytes have the same digest and are sealed under different contexts: neither serves as the
 * other. Until now a file of a list's bytes was given the list's place, and could not be opened there; it is read again.
 */
const LISTS_APART: readonly string[] = [
  `CREATE TABLE chunk_apart (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, blob INTEGER NOT NULL, offset INTEGER NOT NULL,
     sealed INTEGER NOT NULL, source INTEGER NOT NULL, source_idx INTEGER NOT NULL)`,
  "INSERT INTO chunk_apart SELECT id, digest, blob, offset, sealed, source, source_idx FROM chunk",
  "DROP TABLE chunk",
  "ALTER TABLE chunk_apart RENAME TO chunk",
  "CREATE UNIQUE INDEX chunk_digest ON chunk (digest, source_idx < 0)",
  "CREATE INDEX chunk_blob ON chunk (blob, id)",
  "CREATE INDEX chunk_list ON chunk (source) WHERE source_idx < 0",
  // A list is shorter than a chunk, and the version of a file of one chunk ends with its digest.
  `UPDATE entry SET state = ${STATE.new}, version = '', hashed = 0, pending = 0, noted = 0
    WHERE state = ${STATE.synced} AND kind = ${KIND.file}
      AND substr(version, -64) IN (SELECT digest FROM chunk WHERE source_idx < 0)`,
];

/** Files that may be read: up to eight chunks one reading gets through, and of more it takes a piece. Indexes and queries say it alike. */
export const UNREAD_SMALL: string = `state = ${STATE.new} AND size <= 7864320`;
export const UNREAD_LARGE: string = `state = ${STATE.new} AND size > 7864320`;

/** Files are read newest first. What the new indexes cost a file, the one of records saves: most rows have none for long. */
const READING_ORDER: readonly string[] = [
  `CREATE INDEX entry_unread_small ON entry (mtime_s DESC) WHERE ${UNREAD_SMALL}`,
  `CREATE INDEX entry_unread_large ON entry (mtime_s DESC) WHERE ${UNREAD_LARGE}`,
  "DROP INDEX entry_record",
  "CREATE INDEX entry_record ON entry (record) WHERE record IS NOT NULL",
];

/** When each record of the index was recorded by F-71: an owner who shuts a device out says since when. */
const RECORD_TIMES: readonly string[] = ["ALTER TABLE index_record ADD COLUMN time_ms INTEGER"];

/**
 * What was asked about each stored blob when it was built, and what must be answered: eight questions of a nonce of 16 bytes and
 * a piece's number, eight answers of 16 bytes, and how many of them were asked since.
 */
const AUDITS: readonly string[] = [
  "CREATE TABLE audit (blob INTEGER PRIMARY KEY, questions BLOB NOT NULL, answers BLOB NOT NULL, used INTEGER NOT NULL)",
];

const MIGRATIONS: readonly (readonly string[])[] = [
  V1,
  EVIDENCE,
  SHORT_LIVES,
  NO_PLACES_ON_TRUST,
  SIGHT,
  LISTS_APART,
  RESTORE_TABLES,
  READING_ORDER,
  RECORD_TIMES,
  EXPORT_TABLES,
  AUDITS,
];
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Brings the database up to this version's tables; `host-database-newer` when it comes from a later one. */
export function migrate(store: Store): void {
  store.run("CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)");
  const version = versionOf(store);
  if (version > SCHEMA_VERSION) {
    throw new CoffreError("host-database-newer", `expected schema ${SCHEMA_VERSION} or below, found ${version}`);
  }
  for (let next = version; next < SCHEMA_VERSION; next++) {
    for (const sql of MIGRATIONS[next] ?? []) store.run(sql);
    store.run("INSERT INTO schema (version) VALUES (?)", [next + 1]);
  }
}

/** Whether the database has the columns of `SIGHT`: a reader may come before the first run of this version. */
export function hasSight(store: Store): boolean {
  return versionOf(store) > MIGRATIONS.indexOf(SIGHT);
}

/** How many migrations were run, 0 for none. */
function versionOf(store: Store): number {
  return scalar(store, orNull(int), "SELECT max(version) FROM schema") ?? 0;
}

/** True when the tables are there; reads alone, so that `status` needs no write. */
export function hasSchema(store: Store): boolean {
  return exists(store, "FROM sqlite_master WHERE type = 'table' AND name = 'schema'");
}

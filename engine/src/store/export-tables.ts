// The tables of an export that is under way, one of the numbered migrations. Rule: as in `restore-tables.ts`.

export const EXPORT_TABLES: readonly string[] = [
  // number, hash, epoch: of the log when the export began, what it is about. record, record_hash: the last one that was written,
  // its hash null where nobody knows it. envelope: the last one that was written.
  `CREATE TABLE export_log (device TEXT PRIMARY KEY, number INTEGER NOT NULL, hash TEXT NOT NULL, epoch INTEGER NOT NULL,
     record INTEGER NOT NULL, record_hash TEXT, envelope INTEGER NOT NULL) WITHOUT ROWID`,
  // device, record: a record that needs the blob. kind 0: parts; 1: a reference blob whose ids were not read; 2: one whose were.
  // state 0: wanted; 1: written; 2: the server could not give it.
  `CREATE TABLE export_blob (sha TEXT PRIMARY KEY, device TEXT NOT NULL, record INTEGER NOT NULL, kind INTEGER NOT NULL,
     state INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
  // Members that were written, in their order.
  "CREATE TABLE export_member (id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha TEXT NOT NULL)",
];

// The tables of the role `restore`, one of the numbered migrations. Rule: released, so never changed; a later migration mends it.
// A database of version 0.1 that ever restored has some of them under no number: those stay as they are, with what is in them.

export const RESTORE_TABLES: readonly string[] = [
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

// The tables, as numbered migrations. Rule: a migration that was released never changes; a new one is appended.

/** Each migration runs in one transaction; the number of those that ran is the schema's version. */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE invitations (hash TEXT PRIMARY KEY, made_at_ms BIGINT NOT NULL, used_by TEXT)`,
    `CREATE TABLE vaults (
      vault TEXT PRIMARY KEY,
      login TEXT NOT NULL,
      sequence BIGINT NOT NULL,
      number BIGINT NOT NULL,
      roster_version BIGINT NOT NULL,
      signing_key BLOB NOT NULL,
      kem_key BLOB NOT NULL,
      disabled BIGINT NOT NULL DEFAULT 0,
      quota_bytes BIGINT,
      used_bytes BIGINT NOT NULL DEFAULT 0,
      made_at_ms BIGINT NOT NULL
    )`,
    `CREATE INDEX vaults_by_login ON vaults (login)`,
    `CREATE TABLE vault_objects (
      vault TEXT NOT NULL, number BIGINT NOT NULL, tag TEXT NOT NULL, bytes BLOB,
      sequence BIGINT NOT NULL, replaced_at_ms BIGINT,
      PRIMARY KEY (vault, number)
    )`,
    `CREATE TABLE rosters (
      vault TEXT NOT NULL, version BIGINT NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (vault, version)
    )`,
    `CREATE TABLE devices (
      vault TEXT NOT NULL, device TEXT NOT NULL, signing_key BLOB NOT NULL,
      revoked BIGINT NOT NULL DEFAULT 0, used_bytes BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (vault, device)
    )`,
    `CREATE TABLE envelopes (
      vault TEXT NOT NULL, device TEXT NOT NULL, number BIGINT NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (vault, device, number)
    )`,
    `CREATE TABLE records (
      vault TEXT NOT NULL, device TEXT NOT NULL, number BIGINT NOT NULL, hash TEXT NOT NULL, epoch BIGINT NOT NULL,
      size_bytes BIGINT NOT NULL, receipt BLOB NOT NULL, receipt_at_ms BIGINT NOT NULL, sequence BIGINT NOT NULL,
      PRIMARY KEY (vault, device, number)
    )`,
    `CREATE TABLE bases (
      vault TEXT NOT NULL, number BIGINT NOT NULL, hash TEXT NOT NULL, sequence BIGINT NOT NULL,
      PRIMARY KEY (vault, number)
    )`,
    `CREATE TABLE blobs (
      vault TEXT NOT NULL, id TEXT NOT NULL, suffix TEXT NOT NULL, size_bytes BIGINT NOT NULL, device TEXT,
      referenced BIGINT NOT NULL DEFAULT 0, passes BIGINT NOT NULL DEFAULT 0, damaged BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (vault, id)
    )`,
    `CREATE INDEX blobs_damaged ON blobs (vault, id) WHERE damaged = 1`,
    `CREATE INDEX blobs_unreferenced ON blobs (vault, id) WHERE referenced = 0`,
    `CREATE TABLE sessions (id TEXT PRIMARY KEY, vault TEXT NOT NULL, expires_at_ms BIGINT NOT NULL)`,
    `CREATE TABLE challenges (
      nonce TEXT PRIMARY KEY, vault TEXT NOT NULL, device TEXT NOT NULL, expires_at_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE second_factors (
      vault TEXT PRIMARY KEY, secret TEXT, pending_secret TEXT, pending_codes TEXT, last_step BIGINT NOT NULL DEFAULT 0
    )`,
    `CREATE TABLE recovery_codes (vault TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (vault, hash))`,
  ],
  // What the store holds damaged keeps its row: number, hash and receipt stay, the bytes are asked for again (P-32).
  [
    `ALTER TABLE records ADD COLUMN damaged BIGINT NOT NULL DEFAULT 0`,
    `ALTER TABLE envelopes ADD COLUMN damaged BIGINT NOT NULL DEFAULT 0`,
    `ALTER TABLE bases ADD COLUMN damaged BIGINT NOT NULL DEFAULT 0`,
    `CREATE INDEX records_damaged ON records (vault, device, number) WHERE damaged = 1`,
    `CREATE INDEX envelopes_damaged ON envelopes (vault, device, number) WHERE damaged = 1`,
  ],
  // What begins has no row any more, what ended has one; wrong codes count for the vault.
  [
    `DROP TABLE sessions`,
    `DROP TABLE challenges`,
    `CREATE TABLE ended_sessions (id TEXT PRIMARY KEY, expires_at_ms BIGINT NOT NULL)`,
    `CREATE TABLE used_challenges (nonce TEXT PRIMARY KEY, expires_at_ms BIGINT NOT NULL)`,
    `CREATE TABLE wrong_codes (
      vault TEXT NOT NULL, login_key TEXT NOT NULL, tries BIGINT NOT NULL, last_at_ms BIGINT NOT NULL,
      PRIMARY KEY (vault, login_key)
    )`,
  ],
  // Names that one account alone may have, objects of the journal that are lost, and P-24 counted in passes.
  [
    `CREATE TABLE reservations (
      kind TEXT NOT NULL, name TEXT NOT NULL, vault TEXT NOT NULL, sequence BIGINT NOT NULL,
      PRIMARY KEY (kind, name)
    )`,
    `CREATE TABLE damaged_objects (
      vault TEXT NOT NULL, sequence BIGINT NOT NULL, state TEXT NOT NULL, kind TEXT, device TEXT, number BIGINT,
      may_hold_factor BIGINT NOT NULL, PRIMARY KEY (vault, sequence)
    )`,
    `ALTER TABLE vaults ADD COLUMN login_at_ms BIGINT NOT NULL DEFAULT 0`,
    `UPDATE vaults SET login_at_ms = made_at_ms`,
    `ALTER TABLE vault_objects ADD COLUMN passes BIGINT NOT NULL DEFAULT 0`,
  ],
  // What is stored beside blobs, records and bases counts for the quota too (P-80).
  [
    `UPDATE vaults SET used_bytes = used_bytes
      + (SELECT COALESCE(SUM(LENGTH(o.bytes)), 0) FROM vault_objects o WHERE o.vault = vaults.vault)
      + (SELECT COALESCE(SUM(LENGTH(r.bytes)), 0) FROM rosters r WHERE r.vault = vaults.vault)
      + (SELECT COALESCE(SUM(LENGTH(e.bytes)), 0) FROM envelopes e WHERE e.vault = vaults.vault)`,
    `UPDATE devices SET used_bytes = used_bytes + (
        SELECT COALESCE(SUM(LENGTH(e.bytes)), 0) FROM envelopes e
          WHERE e.vault = devices.vault AND e.device = devices.device)`,
  ],
  // When a device last got a token (P-22).
  [`ALTER TABLE devices ADD COLUMN seen_at_ms BIGINT`],
];

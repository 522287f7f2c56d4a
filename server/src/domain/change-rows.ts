// The rows of each account change. Rule: called inside one transaction with the change's sequence number; running it for
// a rebuilt database gives the same rows as the first time.

import { countNamedBlobs } from "./blob-rows.ts";
import type { AccountChange } from "./changes.ts";
import type { Transaction } from "./database.ts";
import { parseRecord } from "./device-structures.ts";
import { hashId, type Id } from "./encodings.ts";
import { forgetFactorDoubt, noteLost, noteMissingRecords } from "./lost-objects.ts";
import type { NamedBlobs } from "./named-blobs.ts";
import { invariant } from "./refusal.ts";
import { parseRoster } from "./roster.ts";
import { addUsage } from "./usage-rows.ts";
import { parseVaultObject, type VaultObject } from "./vault-object.ts";

/**
 * Applies one change exactly after the one before it; does nothing when another process applied it. `named` are the blobs
 * that a record or base names, those in reference blobs too.
 */
export async function applyChange(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  change: AccountChange,
  named: NamedBlobs,
): Promise<void> {
  const isNext = (await advance(transaction, vault, sequence)) || (await beginVault(transaction, sequence, change));
  if (isNext) await writeRows(transaction, vault, sequence, change, named);
}

/**
 * Counts the number as applied, and holds the account's row until the transaction ends; false when it is not the next one.
 * An object that was not seen is never passed over.
 */
export async function advance(transaction: Transaction, vault: Id, sequence: number): Promise<boolean> {
  const rows = await transaction.query(
    `UPDATE vaults SET sequence = $2 WHERE vault = $1 AND sequence = $2 - 1 RETURNING vault`,
    [vault, sequence],
  );
  return rows.length > 0;
}

/** The rows of a change, whatever was applied before. */
export async function writeRows(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  change: AccountChange,
  named: NamedBlobs,
): Promise<void> {
  switch (change.kind) {
    case "account":
      await applyVaultObject(transaction, vault, sequence, change.vaultObject, change.timeMs);
      await applyRoster(transaction, vault, change.roster);
      if (change.invitation !== null) await useInvitation(transaction, vault, change.invitation, change.timeMs);
      break;
    case "vault-object":
      await applyVaultObject(transaction, vault, sequence, change.vaultObject, change.timeMs);
      break;
    case "roster":
      await applyRoster(transaction, vault, change.roster);
      break;
    case "epoch":
      await countEnvelope(transaction, vault, change);
      await transaction.query(
        `INSERT INTO envelopes (vault, device, number, hash, bytes) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (vault, device, number) DO UPDATE SET hash = excluded.hash, bytes = excluded.bytes, damaged = 0`,
        [vault, change.device, change.number, hashId(change.envelope), change.envelope],
      );
      break;
    case "record":
      await applyRecord(transaction, vault, sequence, change, named);
      break;
    case "base":
      await applyBase(transaction, vault, sequence, change, named);
      break;
    case "second-factor":
      await applySecondFactor(transaction, vault, change.secret, change.codes);
      await forgetFactorDoubt(transaction, vault, sequence);
      break;
    case "recovery-code":
      await transaction.query(`DELETE FROM recovery_codes WHERE vault = $1 AND hash = $2`, [vault, change.code]);
      break;
    case "terms":
      await transaction.query(`UPDATE vaults SET disabled = $2, quota_bytes = $3 WHERE vault = $1`, [
        vault,
        change.isDisabled ? 1 : 0,
        change.quotaBytes,
      ]);
      break;
    case "empty":
      if (change.reason === "lost") await noteLost(transaction, vault, sequence, "absent", null);
      break;
    case "removed":
      break;
  }
}

/** The row of an account whose first object this is; false when the account has one. */
async function beginVault(transaction: Transaction, sequence: number, change: AccountChange): Promise<boolean> {
  if (change.kind !== "account") return false;
  return insertVault(transaction, parseVaultObject(change.vaultObject), sequence, change.timeMs);
}

/** Makes an account's row out of its vault object; false when another process was faster. */
export async function insertVault(
  transaction: Transaction,
  object: VaultObject,
  sequence: number,
  timeMs: number,
): Promise<boolean> {
  const { vault, login, number, signingKey, kemKey } = object;
  const usedBytes = await sumBlobs(transaction, vault);
  const rows = await transaction.query(
    `INSERT INTO vaults
      (vault, login, login_at_ms, sequence, number, roster_version, signing_key, kem_key, used_bytes, made_at_ms)
      VALUES ($1, $2, $8, $3, $4, 0, $5, $6, $7, $8) ON CONFLICT (vault) DO NOTHING RETURNING vault`,
    [vault, login, sequence, number, signingKey, kemKey, usedBytes, timeMs],
  );
  return rows.length > 0;
}

async function applyVaultObject(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  bytes: Uint8Array,
  timeMs: number,
): Promise<void> {
  const object = parseVaultObject(bytes);
  await transaction.query(
    `UPDATE vaults SET login = $2, number = $3, login_at_ms = CASE WHEN login = $2 THEN login_at_ms ELSE $4 END
      WHERE vault = $1 AND number < $3`,
    [vault, object.login, object.number, timeMs],
  );
  await transaction.query(
    `UPDATE vault_objects SET replaced_at_ms = $2 WHERE vault = $1 AND number < $3 AND replaced_at_ms IS NULL`,
    [vault, timeMs, object.number],
  );
  const rows = await transaction.query(
    `INSERT INTO vault_objects (vault, number, tag, bytes, sequence) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (vault, number) DO NOTHING RETURNING number`,
    [vault, object.number, object.tag, bytes, sequence],
  );
  if (rows.length > 0) await addUsage(transaction, vault, null, bytes.length);
}

/** Bytes of blobs that are there before the account's row: only in a rebuilt database. */
async function sumBlobs(transaction: Transaction, vault: Id): Promise<number> {
  const [row] = await transaction.query<{ total: number }>(
    `SELECT COALESCE(SUM(size_bytes), 0) AS total FROM blobs WHERE vault = $1`,
    [vault],
  );
  return row?.total ?? 0;
}

async function applyRoster(transaction: Transaction, vault: Id, bytes: Uint8Array): Promise<void> {
  const [row] = await transaction.query<{ signing_key: Uint8Array }>(
    `SELECT signing_key FROM vaults WHERE vault = $1`,
    [vault],
  );
  invariant(row !== undefined, "a roster follows its vault");
  const roster = parseRoster(bytes, vault, row.signing_key);
  const rows = await transaction.query(
    `INSERT INTO rosters (vault, version, hash, bytes) VALUES ($1, $2, $3, $4)
      ON CONFLICT (vault, version) DO NOTHING RETURNING version`,
    [vault, roster.version, hashId(bytes), bytes],
  );
  if (rows.length > 0) await addUsage(transaction, vault, null, bytes.length);
  await transaction.query(`UPDATE vaults SET roster_version = $2 WHERE vault = $1 AND roster_version < $2`, [
    vault,
    roster.version,
  ]);
  for (const { device, signingKey } of roster.devices) {
    await transaction.query(
      `INSERT INTO devices (vault, device, signing_key) VALUES ($1, $2, $3) ON CONFLICT (vault, device) DO NOTHING`,
      [vault, device, signingKey],
    );
  }
  for (const { device } of roster.revocations) {
    await transaction.query(`UPDATE devices SET revoked = 1 WHERE vault = $1 AND device = $2`, [vault, device]);
  }
}

async function useInvitation(transaction: Transaction, vault: Id, invitation: Id, timeMs: number): Promise<void> {
  await transaction.query(
    `INSERT INTO invitations (hash, made_at_ms, used_by) VALUES ($1, $2, $3)
      ON CONFLICT (hash) DO UPDATE SET used_by = excluded.used_by`,
    [invitation, timeMs, vault],
  );
}

/** One that is written again is counted already; the row of one that is lost holds no bytes. */
async function countEnvelope(
  transaction: Transaction,
  vault: Id,
  change: Extract<AccountChange, { kind: "epoch" }>,
): Promise<void> {
  const { device, number, envelope } = change;
  const [known] = await transaction.query<{ size_bytes: number }>(
    `SELECT LENGTH(bytes) AS size_bytes FROM envelopes WHERE vault = $1 AND device = $2 AND number = $3`,
    [vault, device, number],
  );
  const addedBytes = envelope.length - (known?.size_bytes ?? 0);
  if (addedBytes !== 0) await addUsage(transaction, vault, device, addedBytes);
}

async function applyRecord(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  change: Extract<AccountChange, { kind: "record" }>,
  named: NamedBlobs,
): Promise<void> {
  const { device, number, record, receipt, timeMs } = change;
  const header = parseRecord(record, vault, device, number);
  await noteMissingRecords(transaction, vault, device, header, sequence);
  const rows = await transaction.query(
    `INSERT INTO records (vault, device, number, hash, epoch, size_bytes, receipt, receipt_at_ms, sequence)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (vault, device, number) DO NOTHING RETURNING number`,
    [vault, device, number, header.hash, header.epoch, record.length, receipt, timeMs, sequence],
  );
  // Two processes of version 0.1 could write one number twice: the first object keeps it.
  if (rows.length === 0) return noteLost(transaction, vault, sequence, "conflict", { kind: "record", device, number });
  await addUsage(transaction, vault, device, record.length);
  await countNamedBlobs(transaction, vault, device, named);
}

async function applyBase(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  change: Extract<AccountChange, { kind: "base" }>,
  named: NamedBlobs,
): Promise<void> {
  const { number, body } = change;
  const rows = await transaction.query(
    `INSERT INTO bases (vault, number, hash, sequence) VALUES ($1, $2, $3, $4)
      ON CONFLICT (vault, number) DO NOTHING RETURNING number`,
    [vault, number, hashId(body), sequence],
  );
  if (rows.length === 0)
    return noteLost(transaction, vault, sequence, "conflict", { kind: "base", device: null, number });
  await addUsage(transaction, vault, null, body.length);
  await countNamedBlobs(transaction, vault, null, named);
}

async function applySecondFactor(
  transaction: Transaction,
  vault: Id,
  secret: string | null,
  codes: readonly Id[],
): Promise<void> {
  // The same secret may be written again: the steps that were used stay used.
  await transaction.query(`DELETE FROM second_factors WHERE vault = $1 AND (secret IS NULL OR secret <> $2)`, [
    vault,
    secret ?? "",
  ]);
  await transaction.query(`DELETE FROM recovery_codes WHERE vault = $1`, [vault]);
  if (secret === null) return;
  await transaction.query(
    `INSERT INTO second_factors (vault, secret) VALUES ($1, $2)
      ON CONFLICT (vault) DO UPDATE SET pending_secret = NULL, pending_codes = NULL`,
    [vault, secret],
  );
  for (const code of codes) {
    await transaction.query(`INSERT INTO recovery_codes (vault, hash) VALUES ($1, $2)`, [vault, code]);
  }
}

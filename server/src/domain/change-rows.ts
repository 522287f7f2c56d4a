// The rows of each account change. Rule: called inside one transaction with the change's sequence number; running it for
// a rebuilt database gives the same rows as the first time.

import type { AccountChange } from "./changes.ts";
import { cutList, listPlaceholders, type Transaction } from "./database.ts";
import { parseRecord } from "./device-structures.ts";
import { hashId, type Id } from "./encodings.ts";
import { invariant } from "./refusal.ts";
import { parseRoster } from "./roster.ts";
import { parseVaultObject } from "./vault-object.ts";

/** Applies one change: `references` are the blobs that a record or base names, reference blobs and their ids included. */
export async function applyChange(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  change: AccountChange,
  references: readonly Id[],
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
      await transaction.query(
        `INSERT INTO envelopes (vault, device, number, hash, bytes) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (vault, device, number) DO UPDATE SET hash = excluded.hash, bytes = excluded.bytes, damaged = 0`,
        [vault, change.device, change.number, hashId(change.envelope), change.envelope],
      );
      break;
    case "record":
      await applyRecord(transaction, vault, sequence, change, references);
      break;
    case "base":
      await transaction.query(`INSERT INTO bases (vault, number, hash, sequence) VALUES ($1, $2, $3, $4)`, [
        vault,
        change.number,
        hashId(change.body),
        sequence,
      ]);
      await addUsage(transaction, vault, null, change.body.length);
      await markReferenced(transaction, vault, references);
      break;
    case "second-factor":
      await applySecondFactor(transaction, vault, change.secret, change.codes);
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
  }
  await transaction.query(`UPDATE vaults SET sequence = $2 WHERE vault = $1`, [vault, sequence]);
}

/** Counts bytes for the vault and, where one wrote them, for the device. Negative when blobs are removed. */
export async function addUsage(
  transaction: Transaction,
  vault: Id,
  device: Id | null,
  sizeBytes: number,
): Promise<void> {
  await transaction.query(`UPDATE vaults SET used_bytes = used_bytes + $2 WHERE vault = $1`, [vault, sizeBytes]);
  if (device === null) return;
  await transaction.query(`UPDATE devices SET used_bytes = used_bytes + $3 WHERE vault = $1 AND device = $2`, [
    vault,
    device,
    sizeBytes,
  ]);
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
    `INSERT INTO vaults (vault, login, sequence, number, roster_version, signing_key, kem_key, used_bytes, made_at_ms)
      VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8)
      ON CONFLICT (vault) DO UPDATE SET login = excluded.login, number = excluded.number
        WHERE excluded.number > vaults.number`,
    [
      vault,
      object.login,
      sequence,
      object.number,
      object.signingKey,
      object.kemKey,
      await sumBlobs(transaction, vault),
      timeMs,
    ],
  );
  await transaction.query(
    `UPDATE vault_objects SET replaced_at_ms = $2 WHERE vault = $1 AND number < $3 AND replaced_at_ms IS NULL`,
    [vault, timeMs, object.number],
  );
  await transaction.query(
    `INSERT INTO vault_objects (vault, number, tag, bytes, sequence) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (vault, number) DO NOTHING`,
    [vault, object.number, object.tag, bytes, sequence],
  );
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
  await transaction.query(
    `INSERT INTO rosters (vault, version, hash, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT (vault, version) DO NOTHING`,
    [vault, roster.version, hashId(bytes), bytes],
  );
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

async function applyRecord(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  change: Extract<AccountChange, { kind: "record" }>,
  references: readonly Id[],
): Promise<void> {
  const { device, number, record, receipt, timeMs } = change;
  const header = parseRecord(record, vault, device, number);
  await transaction.query(
    `INSERT INTO records (vault, device, number, hash, epoch, size_bytes, receipt, receipt_at_ms, sequence)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [vault, device, number, header.hash, header.epoch, record.length, receipt, timeMs, sequence],
  );
  await addUsage(transaction, vault, device, record.length);
  await markReferenced(transaction, vault, references);
}

/** Counts blobs as needed by a record or base, which ends their leases. */
export async function markReferenced(transaction: Transaction, vault: Id, ids: readonly Id[]): Promise<void> {
  for (const piece of cutList(ids)) {
    await transaction.query(
      `UPDATE blobs SET referenced = 1, passes = 0
        WHERE vault = $1 AND referenced = 0 AND id IN (${listPlaceholders(2, piece.length)})`,
      [vault, ...piece],
    );
  }
}

async function applySecondFactor(
  transaction: Transaction,
  vault: Id,
  secret: string | null,
  codes: readonly Id[],
): Promise<void> {
  await transaction.query(`DELETE FROM second_factors WHERE vault = $1`, [vault]);
  await transaction.query(`DELETE FROM recovery_codes WHERE vault = $1`, [vault]);
  if (secret === null) return;
  await transaction.query(`INSERT INTO second_factors (vault, secret) VALUES ($1, $2)`, [vault, secret]);
  for (const code of codes) {
    await transaction.query(`INSERT INTO recovery_codes (vault, hash) VALUES ($1, $2)`, [vault, code]);
  }
}

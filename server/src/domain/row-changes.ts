// The changes that rows still hold, for objects that are lost. Rule: a structure is taken from its row only when its bytes
// have the hash that the row knows.

import type { AccountChange } from "./changes.ts";
import type { Database } from "./database.ts";
import { hashId, type Id } from "./encodings.ts";
import type { SaidByObjects } from "./said-by-objects.ts";

/** What is known of a lost object: the change itself; a row that is to be marked; that it was lost before; nothing. */
export type LostHolding =
  | { readonly kind: "change"; readonly change: AccountChange }
  | { readonly kind: "marked"; readonly table: "records" | "bases" }
  | { readonly kind: "told" }
  | { readonly kind: "unexplained" };

/** What rows say of the object under this number. */
export async function readVaultChange(database: Database, vault: Id, sequence: number): Promise<LostHolding> {
  for (const table of ["records", "bases"] as const) {
    const [row] = await database.read(`SELECT 1 AS found FROM ${table} WHERE vault = $1 AND sequence = $2`, [
      vault,
      sequence,
    ]);
    if (row !== undefined) return { kind: "marked", table };
  }
  const [told] = await database.read(`SELECT 1 AS found FROM damaged_objects WHERE vault = $1 AND sequence = $2`, [
    vault,
    sequence,
  ]);
  if (told !== undefined) return { kind: "told" };
  const change = await readVaultObjectChange(database, vault, sequence);
  return change === null ? { kind: "unexplained" } : { kind: "change", change };
}

async function readVaultObjectChange(database: Database, vault: Id, sequence: number): Promise<AccountChange | null> {
  const [row] = await database.read<{ number: number; tag: Id; bytes: Uint8Array | null; time_ms: number }>(
    `SELECT o.number, o.tag, o.bytes, COALESCE(b.replaced_at_ms, v.made_at_ms) AS time_ms
      FROM vault_objects o JOIN vaults v ON v.vault = o.vault
      LEFT JOIN vault_objects b ON b.vault = o.vault AND b.number = o.number - 1
      WHERE o.vault = $1 AND o.sequence = $2`,
    [vault, sequence],
  );
  if (row === undefined || row.bytes === null || hashId(row.bytes) !== row.tag) return null;
  if (row.number > 1) return { kind: "vault-object", vaultObject: row.bytes, timeMs: row.time_ms };
  const [roster] = await database.read<{ bytes: Uint8Array; hash: Id }>(
    `SELECT bytes, hash FROM rosters WHERE vault = $1 ORDER BY version LIMIT 1`,
    [vault],
  );
  if (roster === undefined || hashId(roster.bytes) !== roster.hash) return null;
  const [invitation] = await database.read<{ hash: Id }>(`SELECT hash FROM invitations WHERE used_by = $1 LIMIT 1`, [
    vault,
  ]);
  return {
    kind: "account",
    vaultObject: row.bytes,
    roster: roster.bytes,
    invitation: invitation?.hash ?? null,
    timeMs: row.time_ms,
  };
}

/** Changes that give an object to what rows hold and no object says; second factor and terms only when they may be lost. */
export async function formatLost(
  database: Database,
  vault: Id,
  said: SaidByObjects,
  mayBeFactor: boolean,
): Promise<AccountChange[]> {
  const changes: AccountChange[] = [];
  const rosters = await database.read<{ hash: Id; bytes: Uint8Array }>(
    `SELECT r.hash, r.bytes FROM rosters r JOIN vaults v ON v.vault = r.vault AND v.roster_version = r.version
      WHERE r.vault = $1`,
    [vault],
  );
  for (const { hash, bytes } of rosters) {
    if (!said.structures.has(hash) && hashId(bytes) === hash) changes.push({ kind: "roster", roster: bytes });
  }
  const envelopes = await database.read<{ device: Id; number: number; hash: Id; bytes: Uint8Array }>(
    `SELECT device, number, hash, bytes FROM envelopes WHERE vault = $1 AND damaged = 0 ORDER BY device, number`,
    [vault],
  );
  for (const { device, number, hash, bytes } of envelopes) {
    if (said.structures.has(hash) || hashId(bytes) !== hash) continue;
    changes.push({ kind: "epoch", device, number, envelope: bytes });
  }
  if (mayBeFactor) changes.push(...(await formatLostState(database, vault, said)));
  return changes;
}

async function formatLostState(database: Database, vault: Id, said: SaidByObjects): Promise<AccountChange[]> {
  const changes: AccountChange[] = [];
  const [factor] = await database.read<{ secret: string | null }>(
    `SELECT secret FROM second_factors WHERE vault = $1`,
    [vault],
  );
  const secret = factor?.secret ?? null;
  const rows = await database.read<{ hash: Id }>(`SELECT hash FROM recovery_codes WHERE vault = $1`, [vault]);
  const codes = rows.map((row) => row.hash);
  const isSaid =
    said.factor.secret === secret &&
    (secret === null ||
      (said.factor.codes.size === codes.length && codes.every((code) => said.factor.codes.has(code))));
  if (!isSaid) changes.push({ kind: "second-factor", secret, codes });
  const [terms] = await database.read<{ disabled: number; quota_bytes: number | null }>(
    `SELECT disabled, quota_bytes FROM vaults WHERE vault = $1`,
    [vault],
  );
  if (terms === undefined) return changes;
  const isDisabled = terms.disabled === 1;
  if (isDisabled !== said.terms.isDisabled || terms.quota_bytes !== said.terms.quotaBytes) {
    changes.push({ kind: "terms", isDisabled, quotaBytes: terms.quota_bytes });
  }
  return changes;
}

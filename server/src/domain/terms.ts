// What an operator sees of accounts and sets for them. Rule: setting goes through the ledger like every other change.

import { findLogin } from "./accounts.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";

/** `factor-doubtful` waits for the operator before anyone logs in; of an `unreadable` one nothing can be read (P-74). */
export type AccountState = "open" | "disabled" | "factor-doubtful" | "unreadable";

export type AccountSummary = {
  readonly vault: Id;
  /** Null for an unreadable account. */
  readonly login: string | null;
  readonly devices: number;
  readonly blobs: number;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
  readonly state: AccountState;
};

/** Every account, by login; unreadable ones last. */
export async function listAccounts(instance: Instance): Promise<AccountSummary[]> {
  const rows = await instance.database.read<{
    vault: Id;
    login: string;
    devices: number;
    blobs: number;
    used_bytes: number;
    quota_bytes: number | null;
    disabled: number;
    is_doubtful: number;
  }>(
    `SELECT vault, login, used_bytes, quota_bytes, disabled,
        EXISTS (SELECT 1 FROM damaged_objects o WHERE o.vault = v.vault AND o.may_hold_factor = 1) AS is_doubtful,
        (SELECT COUNT(*) FROM devices d WHERE d.vault = v.vault) AS devices,
        (SELECT COUNT(*) FROM blobs b WHERE b.vault = v.vault) AS blobs
      FROM vaults v ORDER BY login`,
  );
  const unreadable = await instance.database.read<{ vault: Id }>(
    `SELECT DISTINCT vault FROM damaged_objects WHERE vault NOT IN (SELECT vault FROM vaults) ORDER BY vault`,
  );
  const accounts = rows.map(
    (row): AccountSummary => ({
      vault: row.vault,
      login: row.login,
      devices: row.devices,
      blobs: row.blobs,
      usedBytes: row.used_bytes,
      quotaBytes: row.quota_bytes,
      state: row.disabled !== 0 ? "disabled" : row.is_doubtful ? "factor-doubtful" : "open",
    }),
  );
  const nothing = { login: null, devices: 0, blobs: 0, usedBytes: 0, quotaBytes: null };
  return [...accounts, ...unreadable.map(({ vault }): AccountSummary => ({ vault, ...nothing, state: "unreadable" }))];
}

/**
 * Sets an account's quota (null: the server's) or whether it is disabled, and says what it stores; null when no account has
 * this login.
 */
export async function setTerms(
  instance: Instance,
  login: string,
  terms: { readonly isDisabled?: boolean; readonly quotaBytes?: number | null },
): Promise<{ readonly usedBytes: number } | null> {
  const { account } = await findLogin(instance, login);
  if (account === null) return null;
  const { vault } = account;
  await instance.ledger.change<void>(vault, async () => {
    const [now] = await instance.database.read<{ disabled: number; quota_bytes: number | null }>(
      "SELECT disabled, quota_bytes FROM vaults WHERE vault = $1",
      [vault],
    );
    const { isDisabled = now?.disabled === 1, quotaBytes = now?.quota_bytes ?? null } = terms;
    return { change: { kind: "terms", isDisabled, quotaBytes }, result: undefined };
  });
  const [row] = await instance.database.read<{ used_bytes: number }>("SELECT used_bytes FROM vaults WHERE vault = $1", [
    vault,
  ]);
  return { usedBytes: row?.used_bytes ?? 0 };
}

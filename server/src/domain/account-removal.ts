// Removing an account for good, while no server runs. Rule: its files go before its rows, so that whatever is cut short can be
// run again, and nothing is made anew out of files that were to go.

import { findLogin } from "./accounts.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";

/** Every table that has rows of an account. */
const TABLES = [
  "wrong_codes",
  "recovery_codes",
  "second_factors",
  "damaged_objects",
  "blobs",
  "bases",
  "records",
  "envelopes",
  "devices",
  "rosters",
  "vault_objects",
  "reservations",
  "vaults",
];

/** The vault of a login, or null when no account has it. */
export async function findVault(instance: Instance, login: string): Promise<Id | null> {
  const { account } = await findLogin(instance, login);
  return account?.vault ?? null;
}

/** Removes the rows of a vault whose files are gone. Its invitation stays used. */
export async function removeRows(instance: Instance, vault: Id): Promise<void> {
  await instance.database.transaction(async (transaction) => {
    for (const table of TABLES) await transaction.query(`DELETE FROM ${table} WHERE vault = $1`, [vault]);
    await transaction.query("UPDATE invitations SET used_by = '' WHERE used_by = $1", [vault]);
  });
}

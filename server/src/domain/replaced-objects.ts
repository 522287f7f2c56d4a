// Removing vault objects that were replaced long ago (P-24). Rule: a number is never free again, so a marker takes the place
// of what goes.

import { lockVault } from "./blob-rows.ts";
import { encodeChange } from "./changes.ts";
import type { Transaction } from "./database.ts";
import { hashId, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { type FoundObject, readObject } from "./journal-objects.ts";
import { attempt, POSTPONED } from "./removals.ts";
import { addUsage } from "./usage-rows.ts";

/** P-24: 30 days of running time. */
const REPLACED_PASSES = 36;

/**
 * Forgets vault objects that were replaced 30 days of passes ago: an old passphrase opens nothing here any more. Says how
 * many wait for the next pass.
 */
export async function removeReplacedVaultObjects(instance: Instance): Promise<number> {
  const { database } = instance;
  await instance.ballast.free(() =>
    database.transaction((transaction) =>
      transaction.query(
        "UPDATE vault_objects SET passes = passes + 1 WHERE bytes IS NOT NULL AND replaced_at_ms IS NOT NULL",
      ),
    ),
  );
  const rows = await database.read<{ vault: Id; number: number; sequence: number }>(
    `SELECT vault, number, sequence FROM vault_objects
      WHERE bytes IS NOT NULL AND replaced_at_ms IS NOT NULL AND passes >= ${REPLACED_PASSES}`,
  );
  let postponed = 0;
  for (const row of rows) {
    if ((await attempt(instance, () => removeReplaced(instance, row))) === POSTPONED) postponed += 1;
  }
  return postponed;
}

async function removeReplaced(
  instance: Instance,
  { vault, number, sequence }: { readonly vault: Id; readonly number: number; readonly sequence: number },
): Promise<boolean | null> {
  const found = await readObject(instance.journal, vault, sequence);
  if (mayHoldRoster(found)) await keepRoster(instance, vault);
  return instance.ledger.holdSettled(vault, async () => {
    await leaveMarker(instance, vault, sequence, found);
    await instance.database.transaction((transaction) => forgetBytes(transaction, vault, number));
    return true;
  });
}

async function forgetBytes(transaction: Transaction, vault: Id, number: number): Promise<void> {
  await lockVault(transaction, vault);
  const [row] = await transaction.query<{ size_bytes: number }>(
    "SELECT LENGTH(bytes) AS size_bytes FROM vault_objects WHERE vault = $1 AND number = $2 AND bytes IS NOT NULL",
    [vault, number],
  );
  if (row === undefined) return;
  await transaction.query("UPDATE vault_objects SET bytes = NULL WHERE vault = $1 AND number = $2", [vault, number]);
  await addUsage(transaction, vault, null, -row.size_bytes);
}

/** Writes over a replaced vault object that it was removed: its number is never used again. */
async function leaveMarker(instance: Instance, vault: Id, sequence: number, found: FoundObject): Promise<void> {
  const { journal } = instance;
  switch (found.kind) {
    case "whole":
    case "damaged": {
      if (found.kind === "whole" && (found.change.kind === "removed" || found.change.kind === "empty")) return;
      const marker = encodeChange(vault, sequence, { kind: "removed", reason: "replaced", hash: hashId(found.bytes) });
      return journal.replace(vault, sequence, marker);
    }
    case "absent":
      await journal.append(vault, sequence, encodeChange(vault, sequence, { kind: "empty", reason: "removed" }));
  }
}

/** An account's first object holds its first roster too: before it goes, the present roster gets an object of its own. */
function mayHoldRoster(found: FoundObject): boolean {
  return found.kind === "damaged" || (found.kind === "whole" && found.change.kind === "account");
}

async function keepRoster(instance: Instance, vault: Id): Promise<void> {
  await instance.ledger.change<void>(vault, async () => {
    const [row] = await instance.database.read<{ bytes: Uint8Array }>(
      `SELECT r.bytes FROM vaults v JOIN rosters r ON r.vault = v.vault AND r.version = v.roster_version
        WHERE v.vault = $1`,
      [vault],
    );
    return { change: row === undefined ? null : { kind: "roster", roster: row.bytes }, result: undefined };
  });
}

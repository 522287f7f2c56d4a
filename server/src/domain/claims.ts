// Names that one account alone may have: logins and invitations (P-20). Rule: a name is reserved before the object that
// takes it, and only the journal frees it: once the number that its holder waits for is taken by something else.

import { applyNext, type LedgerStores, readSequence } from "./applying.ts";
import { encodeChange } from "./changes.ts";
import type { Id } from "./encodings.ts";
import { type ProblemCode, Refusal } from "./refusal.ts";

export type Claim = {
  readonly kind: "login" | "invitation";
  readonly name: string;
  /** The answer to whoever finds that another account has it. */
  readonly refusal: ProblemCode;
};

type Holder = { vault: Id; sequence: number };

/**
 * Reserves each name for the object that the account will write under this number; Refusal of the claim when another
 * account has it. False when the account's own number went on meanwhile: check again.
 */
export async function reserveNames(
  stores: LedgerStores,
  vault: Id,
  sequence: number,
  claims: readonly Claim[],
): Promise<boolean> {
  for (const claim of claims) if (!(await reserveName(stores, vault, sequence, claim))) return false;
  return true;
}

async function reserveName(stores: LedgerStores, vault: Id, sequence: number, claim: Claim): Promise<boolean> {
  const { database } = stores;
  const { kind, name } = claim;
  const inserted = await database.transaction((transaction) =>
    transaction.query(
      `INSERT INTO reservations (kind, name, vault, sequence) VALUES ($1, $2, $3, $4)
        ON CONFLICT (kind, name) DO NOTHING RETURNING vault`,
      [kind, name, vault, sequence],
    ),
  );
  if (inserted.length > 0) return true;
  const [holder] = await database.read<Holder>(
    `SELECT vault, sequence FROM reservations WHERE kind = $1 AND name = $2`,
    [kind, name],
  );
  if (holder === undefined) return false;
  if (holder.vault !== vault) {
    await decideNumber(stores, holder);
    if (await hasName(stores, holder.vault, claim)) throw new Refusal(claim.refusal);
  }
  const taken = await database.transaction((transaction) =>
    transaction.query(
      `UPDATE reservations SET vault = $3, sequence = $4 WHERE kind = $1 AND name = $2 AND vault = $5 AND sequence = $6
        AND (vault <> $3 OR sequence <= $4) RETURNING vault`,
      [kind, name, vault, sequence, holder.vault, holder.sequence],
    ),
  );
  return taken.length > 0;
}

/** Waits for nobody: the number that the holder wants is taken by its object, or by an empty one from now on. */
async function decideNumber(stores: LedgerStores, { vault, sequence }: Holder): Promise<void> {
  await applyNext(stores, vault, "rows-are-present");
  if (((await readSequence(stores.database, vault)) ?? 0) >= sequence) return;
  await stores.journal.append(vault, sequence, encodeChange(vault, sequence, { kind: "empty", reason: "claimed" }));
  await applyNext(stores, vault, "rows-are-present");
}

async function hasName(stores: LedgerStores, vault: Id, { kind, name }: Claim): Promise<boolean> {
  const [row] = await stores.database.read(
    kind === "login"
      ? `SELECT 1 AS found FROM vaults WHERE vault = $1 AND login = $2`
      : `SELECT 1 AS found FROM invitations WHERE used_by = $1 AND hash = $2`,
    [vault, name],
  );
  return row !== undefined;
}

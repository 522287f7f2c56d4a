// Accounts and their vault objects (P-20, P-21, P-24). Rule: equal stored content is success before anything else is
// looked at (P-2).

import type { Caller } from "./callers.ts";
import type { Claim } from "./claims.ts";
import { formatId, hashBytes, hashId, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import type { Decision } from "./ledger.ts";
import { hasLost } from "./lost-objects.ts";
import { malformed, Refusal } from "./refusal.ts";
import { parseRoster } from "./roster.ts";
import { makeDecoyDerivation } from "./server-keys.ts";
import { type Derivation, parseVaultObject, type VaultObject } from "./vault-object.ts";

export type NewAccount = {
  readonly login: string;
  readonly vaultObject: Uint8Array;
  readonly roster: Uint8Array;
  readonly invitation: string | null;
};

/** Makes the account, or finds that it was made with equal content; many Refusals of P-20. */
export async function createAccount(
  instance: Instance,
  account: NewAccount,
): Promise<{ kind: "created" | "repeated"; vault: Id }> {
  const object = parseVaultObject(account.vaultObject);
  if (object.number !== 1) throw malformed("a new account's vault object has number 1");
  if (object.login !== account.login) throw malformed("the vault object names another login");
  const roster = parseRoster(account.roster, object.vault, object.signingKey);
  if (roster.version !== 1) throw malformed("a new account's roster has version 1");
  return instance.ledger.changeRegistry(object.vault, () => checkAccount(instance, account, object));
}

/** How a client stretches the passphrase of `login`; false but stable for an unknown login. */
export async function readDerivation(instance: Instance, login: string): Promise<Derivation> {
  const decoy = makeDecoyDerivation(instance.keys, login);
  const { object, account } = await findLogin(instance, login);
  return account === null || object === null ? decoy : object.derivation;
}

/**
 * The account of a login, or null. Stores that were put together can hold two: the one that had it first keeps it, of two
 * at once the smaller id. `object` is its vault object, or somebody's: reading it takes as long as for a known
 * login, and says nothing. Null only on a server without accounts.
 */
export async function findLogin(
  instance: Instance,
  login: string,
): Promise<{ object: VaultObject | null; account: { vault: Id; isDisabled: boolean } | null }> {
  const [row] = await instance.database.read<{ vault: Id; disabled: number; bytes: Uint8Array }>(
    `SELECT v.vault, v.disabled, o.bytes FROM vaults v JOIN vault_objects o ON o.vault = v.vault AND o.number = v.number
      WHERE v.login = $1 ORDER BY v.login_at_ms, v.vault LIMIT 1`,
    [login],
  );
  // Asked for known logins too, so that both take the same way.
  const [any] = await instance.database.read<{ bytes: Uint8Array }>(
    `SELECT bytes FROM vault_objects WHERE replaced_at_ms IS NULL LIMIT 1`,
  );
  const bytes = row?.bytes ?? any?.bytes ?? null;
  return {
    object: bytes === null ? null : parseVaultObject(bytes),
    account: row === undefined ? null : { vault: row.vault, isDisabled: row.disabled !== 0 },
  };
}

/** The stored vault object's bytes and tag. */
export async function readVaultObject(instance: Instance, vault: Id): Promise<{ bytes: Uint8Array; tag: Id }> {
  const [row] = await instance.database.read<{ bytes: Uint8Array; tag: Id }>(
    `SELECT o.bytes, o.tag FROM vaults v JOIN vault_objects o ON o.vault = v.vault AND o.number = v.number
      WHERE v.vault = $1`,
    [vault],
  );
  if (row === undefined) throw new Refusal("not-found");
  return row;
}

/** Replaces the vault object; Refusals `malformed`, `tag-differs`, `number-differs`, `login-taken`. Gives the tag. */
export function replaceVaultObject(
  instance: Instance,
  caller: Caller,
  bytes: Uint8Array,
  previousTag: Id,
): Promise<{ tag: Id }> {
  const object = parseVaultObject(bytes);
  if (object.vault !== caller.vault) throw malformed("the vault object is of another vault");
  return instance.ledger.changeRegistry(caller.vault, () => checkVaultObject(instance, object, bytes, previousTag));
}

async function checkAccount(
  instance: Instance,
  account: NewAccount,
  object: VaultObject,
): Promise<Decision<{ kind: "created" | "repeated"; vault: Id }>> {
  const { vault } = object;
  const [known] = await instance.database.read<{ tag: Id; roster_hash: Id | null }>(
    `SELECT o.tag, r.hash AS roster_hash FROM vault_objects o
      LEFT JOIN rosters r ON r.vault = o.vault AND r.version = 1 WHERE o.vault = $1 AND o.number = 1`,
    [vault],
  );
  if (known !== undefined) {
    const isEqual = known.tag === object.tag && known.roster_hash === hashId(account.roster);
    if (isEqual) return { change: null, result: { kind: "repeated", vault } };
    throw new Refusal("vault-exists");
  }
  // The invitation first: without one nobody learns which logins there are.
  const invitation = await checkInvitation(instance, account.invitation);
  await requireFreeLogin(instance, vault, account.login);
  await instance.quotas.checkOwners(vault, account.vaultObject.length + account.roster.length);
  return {
    change: {
      kind: "account",
      vaultObject: account.vaultObject,
      roster: account.roster,
      invitation,
      timeMs: instance.now(),
    },
    result: { kind: "created", vault },
    claims: [
      claimLogin(account.login),
      ...(invitation === null
        ? []
        : [{ kind: "invitation", name: invitation, refusal: "invitation-refused" } as const]),
    ],
  };
}

async function checkInvitation(instance: Instance, code: string | null): Promise<Id | null> {
  switch (instance.terms.registration) {
    case "open":
      return null;
    case "closed":
      throw new Refusal("registration-closed");
    case "invitation": {
      if (code === null) throw new Refusal("invitation-required");
      const hash = hashInvitation(code);
      const [row] = await instance.database.read(
        `SELECT 1 AS free FROM invitations WHERE hash = $1 AND used_by IS NULL`,
        [hash],
      );
      if (row === undefined) throw new Refusal("invitation-refused");
      return hash;
    }
  }
}

/** Invitations are stored as hashes; case and hyphens do not count. */
export function hashInvitation(code: string): Id {
  return formatId(hashBytes(Buffer.from(code.toUpperCase().replaceAll(/[^A-Z0-9]/g, ""), "ascii")));
}

async function checkVaultObject(
  instance: Instance,
  object: VaultObject,
  bytes: Uint8Array,
  previousTag: Id,
): Promise<Decision<{ tag: Id }>> {
  const { vault, tag } = object;
  const versions = await instance.database.read<{ number: number; tag: Id }>(
    `SELECT number, tag FROM vault_objects WHERE vault = $1 AND tag = $2
      UNION SELECT o.number, o.tag FROM vault_objects o JOIN vaults v ON v.vault = o.vault AND v.number = o.number
      WHERE v.vault = $1`,
    [vault, tag],
  );
  if (versions.some((version) => version.tag === tag)) return { change: null, result: { tag } };
  const current = versions[0];
  if (current === undefined) throw new Refusal("not-found");
  if (current.tag !== previousTag) throw new Refusal("tag-differs", "", { tag: current.tag });
  // Where the server lost newer ones, a client that has the newest puts that one again.
  const mayLeap = object.number > current.number && (await hasLost(instance.database, vault));
  if (object.number !== current.number + 1 && !mayLeap)
    throw new Refusal("number-differs", "", { number: current.number });
  await requireFreeLogin(instance, vault, object.login);
  await instance.quotas.checkOwners(vault, bytes.length);
  return {
    change: { kind: "vault-object", vaultObject: bytes, timeMs: instance.now() },
    result: { tag },
    claims: [claimLogin(object.login)],
  };
}

function claimLogin(login: string): Claim {
  return { kind: "login", name: login, refusal: "login-taken" };
}

async function requireFreeLogin(instance: Instance, vault: Id, login: string): Promise<void> {
  const [row] = await instance.database.read(`SELECT 1 AS taken FROM vaults WHERE login = $1 AND vault <> $2`, [
    login,
    vault,
  ]);
  if (row !== undefined) throw new Refusal("login-taken");
}

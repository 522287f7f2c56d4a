// Who asks, and what they may (P-6, P-26, P-31). Rule: the rows decide at each request; a token alone opens nothing.

import type { Transaction } from "./database.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { NOT_BEFORE } from "./openings.ts";
import { Refusal } from "./refusal.ts";
import type { Claims, Scope } from "./tokens.ts";

/** Whoever showed a valid token. */
export type Caller = Claims;

type Reader = Pick<Transaction, "query">;

/**
 * The caller behind a token; Refusal `unauthorized` when token, session, device or account do not hold, `busy` while the
 * account's objects have no rows.
 */
export async function authenticate(instance: Instance, token: string | null): Promise<Caller> {
  if (token === null) throw new Refusal("unauthorized", "this request needs a token");
  const claims = await instance.tokens.verify(token);
  await instance.ledger.requireSettled(claims.vault);
  await requireStanding({ query: (sql, values) => instance.database.read(sql, values) }, claims);
  if (instance.unwritten.read(nameSession(claims.id)) !== null) throw refuseStanding();
  return claims;
}

/**
 * Refusal `device-revoked` when the device was revoked in the meantime, `unauthorized` when the session ended or the account
 * was disabled.
 */
export async function requireStanding(reader: Reader, caller: Caller): Promise<void> {
  const [row] =
    caller.device === null
      ? await reader.query(
          `SELECT 1 AS holds FROM vaults v WHERE v.vault = $1 AND v.disabled = 0
            AND NOT EXISTS (SELECT 1 FROM ended_sessions s WHERE s.id = $2)
            AND NOT EXISTS (SELECT 1 FROM settings n WHERE n.name = '${NOT_BEFORE}' AND CAST(n.value AS BIGINT) > $3)`,
          [caller.vault, caller.id, caller.begunAtMs],
        )
      : await reader.query(
          `SELECT 1 AS holds FROM devices d JOIN vaults v ON v.vault = d.vault
            WHERE d.vault = $1 AND d.device = $2 AND d.revoked = 0 AND v.disabled = 0`,
          [caller.vault, caller.device],
        );
  if (row !== undefined) return;
  throw (await isRevoked(reader, caller)) ? new Refusal("device-revoked") : refuseStanding();
}

async function isRevoked(reader: Reader, { vault, device }: Caller): Promise<boolean> {
  if (device === null) return false;
  const [row] = await reader.query(
    `SELECT 1 AS revoked FROM devices d JOIN vaults v ON v.vault = d.vault
      WHERE d.vault = $1 AND d.device = $2 AND d.revoked = 1 AND v.disabled = 0`,
    [vault, device],
  );
  return row !== undefined;
}

/** Under which name the end of a session waits for its row. */
export function nameSession(id: string): string {
  return `session ${id}`;
}

function refuseStanding(): Refusal {
  return new Refusal("unauthorized", "the token's session, device or account does not hold any more");
}

/** Refusal `forbidden` unless the caller's token is of one of these scopes. */
export function requireScope(caller: Caller, ...scopes: readonly Scope[]): void {
  if (!scopes.includes(caller.scope)) throw new Refusal("forbidden", `this request needs scope ${scopes.join(" or ")}`);
}

/** Refusal unless `device` is the caller's own (scope `append`), or, where `full` may read, any of the caller's vault. */
export async function requireDevice(instance: Instance, caller: Caller, device: Id, mayFull: boolean): Promise<void> {
  if (caller.device === device) return;
  const [row] = await instance.database.read(`SELECT 1 AS found FROM devices WHERE vault = $1 AND device = $2`, [
    caller.vault,
    device,
  ]);
  if (row === undefined) throw new Refusal("not-found");
  if (caller.scope !== "full" || !mayFull) throw new Refusal("forbidden", "this request is for the device itself");
}

// What a recovery must tell the operator. Rule: every object that is lost or was mended is named, by account and number.

import type { Database } from "./database.ts";
import type { Id } from "./encodings.ts";
import { type LostObject, listLost } from "./lost-objects.ts";
import type { Recovery } from "./rebuild.ts";

export type Finding =
  | ({ readonly kind: "lost"; readonly login: string | null } & Omit<LostObject, "vault"> & { readonly vault: Id })
  | { readonly kind: "mended"; readonly login: string | null; readonly vault: Id; readonly sequence: number }
  /** The account answers `busy`, and everything of it is kept. */
  | { readonly kind: "unreadable" | "unsettled"; readonly vault: Id }
  /** Logging in waits for the operator. */
  | { readonly kind: "factor-doubtful"; readonly login: string }
  /** Another account had this login first. */
  | { readonly kind: "login-twice"; readonly login: string; readonly vault: Id };

/** Everything that is to be named after a recovery, by account. */
export async function listFindings(database: Database, recovery: Recovery): Promise<Finding[]> {
  const rows = await database.read<{ vault: Id; login: string }>(
    "SELECT vault, login FROM vaults ORDER BY login, login_at_ms, vault",
  );
  const logins = new Map(rows.map((row) => [row.vault, row.login]));
  const nameLogin = (vault: Id): string | null => logins.get(vault) ?? null;
  const doubtful = await database.read<{ login: string }>(
    `SELECT login FROM vaults v WHERE EXISTS
      (SELECT 1 FROM damaged_objects d WHERE d.vault = v.vault AND d.may_hold_factor = 1) ORDER BY login`,
  );
  return [
    ...recovery.unreadable.map((vault): Finding => ({ kind: "unreadable", vault })),
    ...recovery.unsettled.map((vault): Finding => ({ kind: "unsettled", vault })),
    ...(await listLost(database)).map((lost): Finding => ({ kind: "lost", login: nameLogin(lost.vault), ...lost })),
    ...recovery.mended.map((mended): Finding => ({ kind: "mended", login: nameLogin(mended.vault), ...mended })),
    ...rows
      .filter((row, index) => rows[index - 1]?.login === row.login)
      .map((row): Finding => ({ kind: "login-twice", login: row.login, vault: row.vault })),
    ...doubtful.map(({ login }): Finding => ({ kind: "factor-doubtful", login })),
  ];
}

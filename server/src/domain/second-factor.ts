// The second factor: TOTP (RFC 6238) and recovery codes (P-25). Rule: a code opens once, whichever kind it is.

import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { findLogin } from "./accounts.ts";
import type { Caller } from "./callers.ts";
import { readFields, readInteger } from "./cbor.ts";
import type { AccountChange } from "./changes.ts";
import { countTry, forgetTries, type LoginKey } from "./code-limits.ts";
import { formatId, hashBytes, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { readNotBefore } from "./openings.ts";
import { malformed, Refusal } from "./refusal.ts";
import { requireVault } from "./roster.ts";
import { openSigned } from "./signed-bytes.ts";

export type Enrolment = { readonly secret: string; readonly uri: string; readonly recoveryCodes: string[] };

type FactorRow = {
  secret: string | null;
  pending_secret: string | null;
  pending_codes: string | null;
  last_step: number;
};

/** docs/format.md 8. */
const REMOVE = 0;
const ENROL = 1;
/** P-25. */
const STATEMENT_MS = 10 * 60_000;
const PERIOD_S = 30;
/** Steps before and after the present one that are still taken, for clocks that differ. */
const WINDOW_STEPS = 1;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;

/** Draws a secret and codes that count once they are confirmed; Refusal `malformed` for a statement that does not fit. */
export async function beginEnrolment(instance: Instance, caller: Caller, statement: Uint8Array): Promise<Enrolment> {
  await checkStatement(instance, caller.vault, statement, ENROL);
  const secret = new Secret({ buffer: new Uint8Array(randomBytes(SECRET_BYTES)).buffer });
  const codes = Array.from({ length: RECOVERY_CODES }, () => formatCode(randomBytes(RECOVERY_BYTES)));
  await instance.database.transaction((transaction) =>
    transaction.query(
      `INSERT INTO second_factors (vault, pending_secret, pending_codes) VALUES ($1, $2, $3)
        ON CONFLICT (vault) DO UPDATE SET pending_secret = excluded.pending_secret, pending_codes = excluded.pending_codes`,
      [caller.vault, secret.base32, codes.map(hashCode).join(" ")],
    ),
  );
  return {
    secret: secret.base32,
    uri: new TOTP({ issuer: "Coffre", label: "vault", secret }).toString(),
    recoveryCodes: codes,
  };
}

/** Makes the pending secret count; Refusal `login-refused` for a wrong code. */
export async function confirmEnrolment(
  instance: Instance,
  caller: Caller,
  statement: Uint8Array,
  code: string,
): Promise<void> {
  await checkStatement(instance, caller.vault, statement, ENROL);
  await instance.ledger.change<void>(caller.vault, async () => {
    const row = await readFactor(instance, caller.vault);
    const pending = row?.pending_secret ?? null;
    const step = pending === null ? null : findStep(pending, code, instance.now());
    if (row === null || pending === null || step === null) throw new Refusal("login-refused", "the code is not right");
    const codes = (row.pending_codes ?? "").split(" ") as Id[];
    return { change: { kind: "second-factor", secret: pending, codes }, result: undefined };
  });
  const step = findStep((await readFactor(instance, caller.vault))?.secret ?? "", code, instance.now());
  if (step !== null) await useStep(instance, caller.vault, step);
}

/** Removes the second factor; Refusal `malformed` for a statement that does not fit. */
export async function removeSecondFactor(instance: Instance, caller: Caller, statement: Uint8Array): Promise<void> {
  await checkStatement(instance, caller.vault, statement, REMOVE);
  await instance.ledger.change<void>(caller.vault, async () => {
    const row = await readFactor(instance, caller.vault);
    return { change: row === null ? null : { kind: "second-factor", secret: null, codes: [] }, result: undefined };
  });
}

/**
 * Decides for an account whose second factor may be among lost objects: takes it away, or says that the present one holds
 * (`keep`). The object says so from then on. False when no account has this login.
 */
export async function resetSecondFactor(instance: Instance, login: string, keep: boolean): Promise<boolean> {
  const { account } = await findLogin(instance, login);
  if (account === null) return false;
  await instance.ledger.change<void>(account.vault, async () => {
    const row = await readFactor(instance, account.vault);
    const codes = await instance.database.read<{ hash: Id }>(`SELECT hash FROM recovery_codes WHERE vault = $1`, [
      account.vault,
    ]);
    const change: AccountChange =
      keep && row?.secret != null
        ? { kind: "second-factor", secret: row.secret, codes: codes.map((code) => code.hash) }
        : { kind: "second-factor", secret: null, codes: [] };
    return { change, result: undefined };
  });
  return true;
}

/**
 * Whether the login may go on: without a second factor always, with one only for a code that was not used before; Refusal
 * `too-many-requests` after too many wrong ones. `loginKey` is the one that was right.
 */
export async function checkCode(
  instance: Instance,
  vault: Id,
  loginKey: LoginKey,
  code: string | null,
): Promise<"passed" | "required" | "refused"> {
  const secret = (await readFactor(instance, vault))?.secret ?? null;
  if (secret === null) return "passed";
  if (code === null) return "required";
  await countTry(instance, vault, loginKey);
  const step = findStep(secret, code, instance.now());
  const isRight = step === null ? await useRecoveryCode(instance, vault, code) : await useStep(instance, vault, step);
  if (!isRight) return "refused";
  await forgetTries(instance, vault, loginKey);
  return "passed";
}

/** Marks a time step as used; false when it, or a later one, was used before, or may have been before a recovery. */
async function useStep(instance: Instance, vault: Id, step: number): Promise<boolean> {
  const { database, unwritten } = instance;
  const expiresAtMs = (step + WINDOW_STEPS + 1) * PERIOD_S * 1_000;
  if ((step - WINDOW_STEPS) * PERIOD_S * 1_000 < (await readNotBefore(database))) return false;
  return unwritten.useOnce(
    `step ${vault} ${step}`,
    expiresAtMs,
    async () => {
      const rows = await database.transaction((transaction) =>
        transaction.query(
          `UPDATE second_factors SET last_step = $2 WHERE vault = $1 AND last_step < $2 RETURNING last_step`,
          [vault, step],
        ),
      );
      return rows.length > 0;
    },
    async () => ((await readFactor(instance, vault))?.last_step ?? step) >= step,
  );
}

async function useRecoveryCode(instance: Instance, vault: Id, code: string): Promise<boolean> {
  const hash = hashCode(code);
  const isUsed = async () =>
    (
      await instance.database.read(`SELECT 1 AS found FROM recovery_codes WHERE vault = $1 AND hash = $2`, [
        vault,
        hash,
      ])
    ).length === 0;
  const use = () =>
    instance.ledger.change(vault, async () =>
      (await isUsed())
        ? { change: null, result: false }
        : { change: { kind: "recovery-code", code: hash }, result: true },
    );
  // Only a code that is there waits for its row: wrong ones must leave nothing in memory.
  return instance.unwritten.useOnce(`code ${vault} ${hash}`, null, use, isUsed);
}

async function checkStatement(instance: Instance, vault: Id, statement: Uint8Array, action: number): Promise<void> {
  const [row] = await instance.database.read<{ signing_key: Uint8Array }>(
    `SELECT signing_key FROM vaults WHERE vault = $1`,
    [vault],
  );
  if (row === undefined) throw new Refusal("not-found");
  const fields = readFields(openSigned(statement, "second-factor", row.signing_key), 4);
  readInteger(fields[0], 1, 1);
  requireVault(fields[1], vault);
  readInteger(fields[2], action, action);
  const timeMs = readInteger(fields[3], 0);
  if (Math.abs(timeMs - instance.now()) > STATEMENT_MS) throw malformed("the statement's time is not the present");
}

async function readFactor(instance: Instance, vault: Id): Promise<FactorRow | null> {
  const [row] = await instance.database.read<FactorRow>(
    `SELECT secret, pending_secret, pending_codes, last_step FROM second_factors WHERE vault = $1`,
    [vault],
  );
  return row ?? null;
}

/** The time step that gives this code, or null. */
function findStep(secret: string, code: string, timeMs: number): number | null {
  if (secret === "" || !/^[0-9]{6}$/.test(code)) return null;
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD_S });
  const delta = totp.validate({ token: code, timestamp: timeMs, window: WINDOW_STEPS });
  return delta === null ? null : Math.floor(timeMs / 1_000 / PERIOD_S) + delta;
}

/** 80 random bits in five groups of four hex digits. */
function formatCode(bytes: Uint8Array): string {
  return (Buffer.from(bytes).toString("hex").match(/.{4}/g) ?? []).join("-");
}

function hashCode(code: string): Id {
  return formatId(hashBytes(Buffer.from(code.toLowerCase().replaceAll(/[^0-9a-f]/g, ""), "ascii")));
}

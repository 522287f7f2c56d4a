// Logging in with a login key, and the start bundle that answers it (P-22, P-23). Rule: an unknown login costs the same
// work as a wrong key, and both get the same refusal.

import { timingSafeEqual } from "node:crypto";
import { findLogin, readVaultObject } from "./accounts.ts";
import { type Caller, nameSession } from "./callers.ts";
import type { DamagedNumbers } from "./damage.ts";
import { type DeviceUse, listDeviceUse } from "./device-use.ts";
import { formatBase64, formatTime, hashBytes, type Id } from "./encodings.ts";
import { type Instance, PAGE_BYTES } from "./instance.ts";
import { findEnvelope, type LogHead, listHeads, type PagedRecord, readRecords } from "./logs.ts";
import { isFactorDoubtful } from "./lost-objects.ts";
import { Refusal } from "./refusal.ts";
import { checkCode } from "./second-factor.ts";

export type Login = {
  readonly login: string;
  readonly loginKey: Uint8Array;
  readonly code: string | null;
  /** Whose log the answer begins with; null takes the one with the newest receipt. */
  readonly device: Id | null;
};

export type NamedEnvelope = { readonly device: Id; readonly number: number; readonly envelope: string };

export type StartBundle = {
  readonly token: string;
  readonly expiresAt: string;
  readonly vault: Id;
  readonly vaultObject: string;
  readonly tag: Id;
  readonly roster: string;
  readonly heads: (LogHead & DamagedNumbers & Partial<DeviceUse>)[];
  readonly tail: { readonly device: Id; readonly records: PagedRecord[]; readonly next: number | null } | null;
  readonly envelopes: NamedEnvelope[];
};

/** An envelope in base64 with its JSON, at most: what one more epoch costs in the bundle. */
const ENVELOPE_BYTES = 2_200;

/** Opens a session, which needs no row; Refusals `login-refused`, `second-factor-required`, `too-many-requests`. */
export async function openSession(instance: Instance, login: Login): Promise<StartBundle> {
  const vault = await checkLogin(instance, login);
  const { token, claims } = await instance.tokens.issue(vault, "full", null);
  const object = await readVaultObject(instance, vault);
  const use = await listDeviceUse(instance, vault);
  const start = {
    token,
    expiresAt: formatTime(claims.expiresAtMs),
    vault,
    vaultObject: formatBase64(object.bytes),
    tag: object.tag,
    roster: formatBase64(await readRoster(instance, vault)),
    heads: (await listHeads(instance, vault)).map((head) => ({ ...head, ...use.get(head.device) })),
  };
  const roomBytes = PAGE_BYTES - Buffer.byteLength(JSON.stringify(start)) - 512;
  return { ...start, ...(await readTail(instance, vault, login.device, roomBytes)) };
}

/** Ends the session: its token is refused from then on. */
export async function closeSession(instance: Instance, caller: Caller): Promise<void> {
  const { id, expiresAtMs } = caller;
  await instance.unwritten.write(nameSession(id), [], expiresAtMs, () =>
    instance.database.transaction(async (transaction) => {
      await transaction.query(`DELETE FROM ended_sessions WHERE expires_at_ms < $1`, [instance.now()]);
      await transaction.query(
        `INSERT INTO ended_sessions (id, expires_at_ms) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`,
        [id, expiresAtMs],
      );
    }),
  );
}

async function checkLogin(instance: Instance, login: Login): Promise<Id> {
  const isComplete = await instance.ledger.settleAll();
  const { object, account } = await findLogin(instance, login.login);
  const offered = hashBytes(login.loginKey);
  const isPassphrase = timingSafeEqual(offered, object?.loginHash ?? new Uint8Array(32));
  const isRecovery = timingSafeEqual(offered, object?.recoveryLoginHash ?? new Uint8Array(32));
  // The login may be that of an account of which nothing can be read: "wrong" would be false.
  if (account === null && !isComplete) throw new Refusal("busy");
  if (account === null || account.isDisabled || !(isPassphrase || isRecovery)) throw new Refusal("login-refused");
  await instance.ledger.requireSettled(account.vault);
  if (await isFactorDoubtful(instance.database, account.vault))
    throw new Refusal("busy", "a second factor may be lost: the operator decides (reset-second-factor)");
  switch (await checkCode(instance, account.vault, isPassphrase ? "passphrase" : "words", login.code)) {
    case "passed":
      return account.vault;
    case "required":
      throw new Refusal("second-factor-required");
    case "refused":
      throw new Refusal("login-refused");
  }
}

async function readRoster(instance: Instance, vault: Id): Promise<Uint8Array> {
  const [row] = await instance.database.read<{ bytes: Uint8Array }>(
    `SELECT r.bytes FROM vaults v JOIN rosters r ON r.vault = v.vault AND r.version = v.roster_version WHERE v.vault = $1`,
    [vault],
  );
  // Only where all of its rosters are lost: the account is whole again with files of a copy.
  if (row === undefined) throw new Refusal("busy");
  return row.bytes;
}

async function readTail(
  instance: Instance,
  vault: Id,
  asked: Id | null,
  roomBytes: number,
): Promise<Pick<StartBundle, "tail" | "envelopes">> {
  const device = await chooseDevice(instance, vault, asked);
  if (device === null) return { tail: null, envelopes: [] };
  const page = await readRecords(instance, vault, device, 0, roomBytes, false);
  const epochs = new Set<number>();
  const records: PagedRecord[] = [];
  let usedBytes = 0;
  for (const record of page.records) {
    const size = record.record.length + record.receipt.length + 64 + (epochs.has(record.epoch) ? 0 : ENVELOPE_BYTES);
    if (usedBytes + size > roomBytes) break;
    usedBytes += size;
    epochs.add(record.epoch);
    records.push(record);
  }
  const isCut = records.length < page.records.length;
  const next = isCut ? (records.at(-1)?.number ?? 0) : page.next;
  const envelopes: NamedEnvelope[] = [];
  for (const number of epochs) {
    // The client names a missing envelope, and restores what the other epochs sealed.
    const bytes = await findEnvelope(instance, vault, device, number);
    if (bytes !== null) envelopes.push({ device, number, envelope: formatBase64(bytes) });
  }
  return { tail: { device, records, next }, envelopes };
}

async function chooseDevice(instance: Instance, vault: Id, asked: Id | null): Promise<Id | null> {
  const [row] = await instance.database.read<{ device: Id }>(
    asked === null
      ? `SELECT device FROM records WHERE vault = $1 ORDER BY receipt_at_ms DESC, number DESC LIMIT 1`
      : `SELECT device FROM devices WHERE vault = $1 AND device = $2`,
    asked === null ? [vault] : [vault, asked],
  );
  return row?.device ?? null;
}

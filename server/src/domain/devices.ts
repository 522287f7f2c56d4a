// Devices: challenges, tokens and rosters (P-26, P-30, P-31). Rule: an unknown vault or device is answered like a known
// one until the signature is asked for, and then with one refusal for all.

import type { Caller } from "./callers.ts";
import { parseChallengeAnswer } from "./device-structures.ts";
import { noteSeen } from "./device-use.ts";
import { formatBase64, formatTime, hashId, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import type { Decision } from "./ledger.ts";
import { type LogHead, listHeads } from "./logs.ts";
import { CHALLENGE_MS, drawChallenge, useChallenge } from "./openings.ts";
import { Refusal } from "./refusal.ts";
import { parseRoster, type Roster } from "./roster.ts";
import { readServerKey } from "./server-keys.ts";

/** Draws a challenge that serves once. */
export function makeChallenge(instance: Instance, vault: Id, device: Id): { challenge: string; expiresAt: string } {
  const challenge = drawChallenge(instance, vault, device);
  return { challenge: formatBase64(challenge), expiresAt: formatTime(instance.now() + CHALLENGE_MS) };
}

/**
 * A token of scope `append` for a signed challenge; Refusal `device-refused` when anything does not fit, and `device-revoked`
 * when everything does and the owner has revoked the device.
 */
export async function makeDeviceToken(
  instance: Instance,
  vault: Id,
  device: Id,
  answer: Uint8Array,
): Promise<{ token: string; expiresAt: string }> {
  await instance.ledger.requireSettled(vault);
  const [row] = await instance.database.read<{ signing_key: Uint8Array }>(
    `SELECT d.signing_key FROM devices d JOIN vaults v ON v.vault = d.vault
      WHERE d.vault = $1 AND d.device = $2 AND d.revoked = 0 AND v.disabled = 0`,
    [vault, device],
  );
  const revoked = row === undefined ? await findRevoked(instance, vault, device) : undefined;
  // Nobody holds a device's signature by the server's own key: an unknown device costs the same work.
  const signingKey = row?.signing_key ?? revoked?.signing_key ?? readServerKey(instance.keys);
  const { nonce, serverKeyHash } = openAnswer(answer, vault, device, signingKey);
  if (row === undefined && revoked === undefined) throw new Refusal("device-refused");
  if (serverKeyHash !== instance.serverKeyHash) throw new Refusal("device-refused");
  if (!(await useChallenge(instance, nonce, vault, device))) throw new Refusal("device-refused");
  if (row === undefined) throw new Refusal("device-revoked");
  await noteSeen(instance, vault, device);
  const { token, claims } = await instance.tokens.issue(vault, "append", device);
  return { token, expiresAt: formatTime(claims.expiresAtMs) };
}

async function findRevoked(
  instance: Instance,
  vault: Id,
  device: Id,
): Promise<{ readonly signing_key: Uint8Array } | undefined> {
  const [row] = await instance.database.read<{ signing_key: Uint8Array }>(
    `SELECT d.signing_key FROM devices d JOIN vaults v ON v.vault = d.vault
      WHERE d.vault = $1 AND d.device = $2 AND d.revoked = 1 AND v.disabled = 0`,
    [vault, device],
  );
  return row;
}

/** Replaces the roster; Refusals `malformed`, `roster-behind`, `roster-records`. */
export async function replaceRoster(
  instance: Instance,
  caller: Caller,
  bytes: Uint8Array,
): Promise<{ version: number; heads: LogHead[] }> {
  const [row] = await instance.database.read<{ signing_key: Uint8Array }>(
    `SELECT signing_key FROM vaults WHERE vault = $1`,
    [caller.vault],
  );
  if (row === undefined) throw new Refusal("not-found");
  const roster = parseRoster(bytes, caller.vault, row.signing_key);
  const version = await instance.ledger.change(caller.vault, () =>
    checkRoster(instance, roster, bytes, row.signing_key),
  );
  return { version, heads: await listHeads(instance, caller.vault) };
}

async function checkRoster(
  instance: Instance,
  roster: Roster,
  bytes: Uint8Array,
  signingKey: Uint8Array,
): Promise<Decision<number>> {
  const { vault, version } = roster;
  const rows = await instance.database.read<{ version: number; hash: Id; bytes: Uint8Array }>(
    `SELECT version, hash, bytes FROM rosters WHERE vault = $1 AND version >= $2
      OR vault = $1 AND version = (SELECT roster_version FROM vaults WHERE vault = $1) ORDER BY version DESC`,
    [vault, version],
  );
  const hash = hashId(bytes);
  if (rows.some((row) => row.version === version && row.hash === hash)) return { change: null, result: version };
  const current = rows[0];
  if (current === undefined) throw new Refusal("not-found");
  if (version <= current.version) throw new Refusal("roster-behind", "", { version: current.version });
  requireGrowth(parseRoster(current.bytes, vault, signingKey), roster);
  await requireRevokedRecords(instance, roster);
  await instance.quotas.checkOwners(vault, bytes.length);
  return { change: { kind: "roster", roster: bytes }, result: version };
}

/** Devices never leave, and neither does a revocation (P-26). */
function requireGrowth(before: Roster, after: Roster): void {
  const devices = new Set(after.devices.map((entry) => entry.device));
  const revoked = new Set(after.revocations.map((entry) => entry.device));
  const isSmaller =
    before.devices.some((entry) => !devices.has(entry.device)) ||
    before.revocations.some((entry) => !revoked.has(entry.device));
  if (isSmaller) throw new Refusal("roster-behind", "a device or a revocation of the stored roster is missing");
}

async function requireRevokedRecords(instance: Instance, roster: Roster): Promise<void> {
  for (const { device, lastNumber, lastHash } of roster.revocations) {
    if (lastNumber === 0) continue;
    const [row] = await instance.database.read<{ hash: Id }>(
      `SELECT hash FROM records WHERE vault = $1 AND device = $2 AND number = $3`,
      [roster.vault, device, lastNumber],
    );
    if (row?.hash !== lastHash)
      throw new Refusal("roster-records", "a revocation names a record that is not in the log");
  }
}

function openAnswer(
  answer: Uint8Array,
  vault: Id,
  device: Id,
  signingKey: Uint8Array,
): { nonce: Uint8Array; serverKeyHash: Id } {
  try {
    return parseChallengeAnswer(answer, vault, device, signingKey);
  } catch {
    throw new Refusal("device-refused");
  }
}

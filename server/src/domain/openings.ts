// What only begins: challenges, and the moment before which whatever began is void (P-22, P-30). Rule: beginning writes
// nothing, so that anybody can ask and a full disk keeps nobody out; what was used up or ended has a row.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Database, Transaction } from "./database.ts";
import { formatId, type Id, idBytes } from "./encodings.ts";
import type { Instance } from "./instance.ts";

/** P-30. */
export const CHALLENGE_MS = 5 * 60_000;

/** The setting that names the moment. */
export const NOT_BEFORE = "not-before-ms";

const TIME_BYTES = 6;
const DRAWN_BYTES = 16;
const CHALLENGE_BYTES = 32;

/** Draws a challenge: its time, random bytes, and this server's code over both and over whom it is for. */
export function drawChallenge(instance: Instance, vault: Id, device: Id): Uint8Array {
  const drawn = randomBytes(DRAWN_BYTES);
  drawn.writeUIntBE(instance.now(), 0, TIME_BYTES);
  return new Uint8Array(Buffer.concat([drawn, sealChallenge(instance, drawn, vault, device)]));
}

/** Uses a challenge up: true when this server drew it for this device, it is in time, and this is its first use. */
export async function useChallenge(instance: Instance, challenge: Uint8Array, vault: Id, device: Id): Promise<boolean> {
  const { database, unwritten } = instance;
  const drawn = Buffer.from(challenge.subarray(0, DRAWN_BYTES));
  const seal = sealChallenge(instance, drawn, vault, device);
  if (challenge.length !== CHALLENGE_BYTES || !timingSafeEqual(challenge.subarray(DRAWN_BYTES), seal)) return false;
  const begunAtMs = drawn.readUIntBE(0, TIME_BYTES);
  const expiresAtMs = begunAtMs + CHALLENGE_MS;
  if (expiresAtMs < instance.now() || begunAtMs < (await readNotBefore(database))) return false;
  const nonce = formatId(challenge);
  return unwritten.useOnce(
    `challenge ${nonce}`,
    expiresAtMs,
    async () => {
      const rows = await database.transaction(async (transaction) => {
        await transaction.query(`DELETE FROM used_challenges WHERE expires_at_ms < $1`, [instance.now()]);
        return transaction.query(
          `INSERT INTO used_challenges (nonce, expires_at_ms) VALUES ($1, $2)
            ON CONFLICT (nonce) DO NOTHING RETURNING nonce`,
          [nonce, expiresAtMs],
        );
      });
      return rows.length > 0;
    },
    async () => (await database.read(`SELECT 1 AS used FROM used_challenges WHERE nonce = $1`, [nonce])).length > 0,
  );
}

/** Voids every session and challenge that began before this moment: rows about their ends may be lost. */
export async function voidOpenings(transaction: Transaction, nowMs: number): Promise<void> {
  await transaction.query(
    `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [NOT_BEFORE, String(nowMs)],
  );
}

/** The moment before which whatever began is void; 0 when there is none. */
export async function readNotBefore(database: Database): Promise<number> {
  const [row] = await database.read<{ value: string }>(`SELECT value FROM settings WHERE name = $1`, [NOT_BEFORE]);
  return Number(row?.value ?? 0);
}

function sealChallenge(instance: Instance, drawn: Uint8Array, vault: Id, device: Id): Uint8Array {
  const code = createHmac("sha256", instance.challengeSecret);
  code.update(drawn).update(idBytes(vault)).update(idBytes(device));
  return new Uint8Array(code.digest().subarray(0, CHALLENGE_BYTES - DRAWN_BYTES));
}

// Wrong codes of the second factor after a right login key (P-83). Rule: they count for the vault and the login key alone,
// wherever they come from, and a try is counted before its code is looked at.

import type { Database } from "./database.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { Refusal } from "./refusal.ts";

/** Which of the two login keys was right. Whoever has one of them must not be able to keep the other's owner out. */
export type LoginKey = "passphrase" | "words";

/** Wrong codes that cost no time: someone who mistypes, or whose clock is off. */
const FREE_TRIES = 10;
const FIRST_WAIT_MS = 30_000;
/** With one try a day a code of six digits holds for centuries. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** Counts a try; Refusal `too-many-requests` while the wrong codes before it make this login key wait. */
export function countTry(instance: Instance, vault: Id, loginKey: LoginKey): Promise<void> {
  const { database, unwritten } = instance;
  const name = nameTries(vault, loginKey);
  return unwritten.hold(name, async () => {
    const nowMs = instance.now();
    const kept = unwritten.read(name);
    const [tries = 0, lastAtMs = 0] = kept ?? (await readTries(database, vault, loginKey));
    const waitMs = readWait(tries, lastAtMs, nowMs);
    if (waitMs > 0) {
      throw new Refusal("too-many-requests", "wrong codes make this login wait", {}, Math.ceil(waitMs / 1_000));
    }
    // Another process may have counted meanwhile; what only this one knows counts for itself.
    const counted = kept === null ? "wrong_codes.tries + 1" : "excluded.tries";
    await unwritten.write(name, [tries + 1, nowMs], null, () =>
      database.transaction((transaction) =>
        transaction.query(
          `INSERT INTO wrong_codes (vault, login_key, tries, last_at_ms) VALUES ($1, $2, $3, $4)
            ON CONFLICT (vault, login_key) DO UPDATE SET tries = ${counted}, last_at_ms = excluded.last_at_ms`,
          [vault, loginKey, tries + 1, nowMs],
        ),
      ),
    );
  });
}

/** Forgets the tries after a right code. */
export function forgetTries(instance: Instance, vault: Id, loginKey: LoginKey): Promise<void> {
  const { database, unwritten } = instance;
  const name = nameTries(vault, loginKey);
  return unwritten.hold(name, () =>
    unwritten.write(name, [0, 0], null, () =>
      database.transaction((transaction) =>
        transaction.query(`DELETE FROM wrong_codes WHERE vault = $1 AND login_key = $2`, [vault, loginKey]),
      ),
    ),
  );
}

/** How long the next try waits, 0 for not at all; never longer than its own wait, however the clock was set. */
function readWait(tries: number, lastAtMs: number, nowMs: number): number {
  if (tries < FREE_TRIES) return 0;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (tries - FREE_TRIES), LONGEST_WAIT_MS);
  return Math.max(0, Math.min(waitMs, lastAtMs + waitMs - nowMs));
}

async function readTries(database: Database, vault: Id, loginKey: LoginKey): Promise<readonly number[]> {
  const [row] = await database.read<{ tries: number; last_at_ms: number }>(
    `SELECT tries, last_at_ms FROM wrong_codes WHERE vault = $1 AND login_key = $2`,
    [vault, loginKey],
  );
  return row === undefined ? [] : [row.tries, row.last_at_ms];
}

function nameTries(vault: Id, loginKey: LoginKey): string {
  return `tries ${vault} ${loginKey}`;
}

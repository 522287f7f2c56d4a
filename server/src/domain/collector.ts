// Removing what nobody needs: unreferenced blobs, stray files, replaced vault objects (P-73, P-24). Rule: time is the
// server's own running time, summed over restarts; no clock can make it jump.

import { repairBlob } from "./blob-repair.ts";
import { lockVault } from "./blob-rows.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { attempt, POSTPONED } from "./removals.ts";
import { removeReplacedVaultObjects } from "./replaced-objects.ts";
import type { StoredBlob } from "./storage.ts";
import { addUsage } from "./usage-rows.ts";

export type Collected = {
  readonly blobs: number;
  readonly bytes: number;
  readonly strays: number;
  /** What could not be removed now, and waits for the next pass. */
  readonly postponed: number;
};

/** P-73. */
const PASSES = 7;
const PASS_INTERVAL_MS = 20 * 3_600_000;
/** Rows that one transaction changes: what it needs of a full disk is bounded. */
const ROWS_A_STEP = 1_000;

const RUNNING = "collector-running-ms";
const LAST_PASS = "collector-last-pass-ms";

type Condemned = { vault: Id; id: Id; suffix: string; size_bytes: number; device: Id | null };

export class Collector {
  readonly #instance: Instance;
  readonly #monotonicMs: () => number;
  #countedMs: number;
  /** Files without a row at the last pass: what is still without one at the next is a stray of a crash. */
  #suspects = new Set<string>();

  /** `monotonicMs` never goes back and stands still while the process does not run. */
  constructor(instance: Instance, monotonicMs: () => number) {
    this.#instance = instance;
    this.#monotonicMs = monotonicMs;
    this.#countedMs = monotonicMs();
  }

  /** Adds the time since the last call to the server's running time, and makes a pass when one is due. */
  async tick(): Promise<Collected | null> {
    const nowMs = this.#monotonicMs();
    const runningMs = (await this.#read(RUNNING)) + Math.max(0, Math.floor(nowMs - this.#countedMs));
    this.#countedMs = nowMs;
    await Promise.all([this.#instance.blobs.check(), this.#instance.journal.check()]);
    const isDue = runningMs - (await this.#read(LAST_PASS)) >= PASS_INTERVAL_MS;
    const values = isDue ? { [RUNNING]: runningMs, [LAST_PASS]: runningMs } : { [RUNNING]: runningMs };
    // A pass is counted so that blobs are removed: the time goes on where the disk is full.
    await this.#instance.ballast.free(() => this.#write(values));
    return isDue ? this.#pass() : null;
  }

  async #pass(): Promise<Collected> {
    await condemnBlobs(this.#instance);
    const removed = await removeCondemned(this.#instance);
    const notReplaced = await removeReplacedVaultObjects(this.#instance);
    const strays = await this.#removeStrays();
    const postponed = removed.postponed + notReplaced + strays.postponed;
    return { ...removed, strays: strays.removed, postponed };
  }

  async #removeStrays(): Promise<{ removed: number; postponed: number }> {
    const { blobs, database } = this.#instance;
    const suspects = new Set<string>();
    let removed = 0;
    let postponed = 0;
    for await (const stored of blobs.list()) {
      const { vault, id, suffix } = stored;
      const [row] = await database.read("SELECT 1 AS found FROM blobs WHERE vault = $1 AND id = $2 AND suffix = $3", [
        vault,
        id,
        suffix,
      ]);
      if (row !== undefined) continue;
      const name = `${vault}/${id}.${suffix}`;
      if (!this.#suspects.has(name)) {
        suspects.add(name);
        continue;
      }
      const isRemoved = await attempt(this.#instance, () => removeStray(this.#instance, stored));
      if (isRemoved === POSTPONED) {
        postponed += 1;
        suspects.add(name);
      } else if (isRemoved) removed += 1;
    }
    this.#suspects = suspects;
    return { removed, postponed };
  }

  async #read(name: string): Promise<number> {
    const [row] = await this.#instance.database.read<{ value: string }>("SELECT value FROM settings WHERE name = $1", [
      name,
    ]);
    return Number(row?.value ?? 0);
  }

  async #write(values: Readonly<Record<string, number>>): Promise<void> {
    await this.#instance.database.transaction(async (transaction) => {
      for (const [name, value] of Object.entries(values)) {
        await transaction.query(
          `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
          [name, String(value)],
        );
      }
    });
  }
}

/**
 * Removes a file that no row names. The row of its blob may be older than the store: where that one's own file is gone or
 * altered, it names this one from now on. Of an account without a row nothing is removed.
 */
function removeStray(instance: Instance, stored: StoredBlob): Promise<boolean | null> {
  const { vault, id } = stored;
  return instance.ledger.holdSettled(vault, async () => {
    const [account] = await instance.database.read("SELECT 1 AS found FROM vaults WHERE vault = $1", [vault]);
    if (account === undefined) return false;
    const readRow = async () =>
      (
        await instance.database.read<{ suffix: string; size_bytes: number }>(
          "SELECT suffix, size_bytes FROM blobs WHERE vault = $1 AND id = $2",
          [vault, id],
        )
      )[0];
    const row = await readRow();
    if (row !== undefined) await repairBlob(instance, { vault, id, suffix: row.suffix, sizeBytes: row.size_bytes });
    if ((await readRow())?.suffix === stored.suffix) return false;
    await instance.blobs.remove(stored);
    return true;
  });
}

/** Counts one more pass for every blob that nothing needs, a bounded number of rows at a time. */
async function condemnBlobs({ database, ballast }: Instance): Promise<void> {
  let last: { readonly vault: string; readonly id: string } = { vault: "", id: "" };
  for (;;) {
    const { vault, id } = last;
    const rows = await database.read<{ vault: Id; id: Id }>(
      `SELECT vault, id FROM blobs WHERE referenced = 0 AND (vault, id) > ($1, $2) ORDER BY vault, id LIMIT ${ROWS_A_STEP}`,
      [vault, id],
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    await ballast.free(() =>
      database.transaction((transaction) =>
        transaction.query(
          `UPDATE blobs SET passes = passes + 1
            WHERE referenced = 0 AND (vault, id) > ($1, $2) AND (vault, id) <= ($3, $4)`,
          [vault, id, end.vault, end.id],
        ),
      ),
    );
    last = end;
  }
}

/** Removes the blobs that stayed unreferenced through all passes, each under its account's lock. */
export async function removeCondemned(
  instance: Instance,
): Promise<{ blobs: number; bytes: number; postponed: number }> {
  const condemned = await instance.database.read<Condemned>(
    `SELECT b.vault, b.id, b.suffix, b.size_bytes, b.device FROM blobs b JOIN vaults v ON v.vault = b.vault
      WHERE b.referenced = 0 AND b.passes >= ${PASSES}`,
  );
  let blobs = 0;
  let bytes = 0;
  let postponed = 0;
  for (const row of condemned) {
    const removed = await attempt(instance, () =>
      instance.ledger.holdSettled(row.vault, () => removeBlob(instance, row)),
    );
    if (removed === POSTPONED) postponed += 1;
    else if (removed !== "needed") {
      blobs += 1;
      bytes += removed.sizeBytes;
    }
  }
  return { blobs, bytes, postponed };
}

/** "needed" when the blob was revived or referenced in the meantime. */
async function removeBlob(instance: Instance, { vault, id }: Condemned): Promise<StoredBlob | "needed"> {
  const removed = await instance.database.transaction(async (transaction) => {
    await lockVault(transaction, vault);
    const [row] = await transaction.query<Condemned>(
      `DELETE FROM blobs WHERE vault = $1 AND id = $2 AND referenced = 0 AND passes >= ${PASSES}
        RETURNING vault, id, suffix, size_bytes, device`,
      [vault, id],
    );
    if (row !== undefined) await addUsage(transaction, vault, row.device, -row.size_bytes);
    return row ?? null;
  });
  if (removed === null) return "needed";
  const stored = { vault, id, suffix: removed.suffix, sizeBytes: removed.size_bytes };
  await instance.blobs.remove(stored);
  return stored;
}

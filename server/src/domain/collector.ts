// Removing what nobody needs: unreferenced blobs, stray files, replaced vault objects (P-73, P-24). Rule: time is the
// server's own running time, summed over restarts; no clock can make it jump.

import { repairBlob } from "./blob-repair.ts";
import { lockVault } from "./blob-rows.ts";
import { encodeChange } from "./changes.ts";
import { hashId, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { type FoundObject, readObject } from "./journal-objects.ts";
import { Refusal } from "./refusal.ts";
import { type StoredBlob, StoreUnavailable } from "./storage.ts";
import { addUsage } from "./usage-rows.ts";

export type Collected = { readonly blobs: number; readonly bytes: number; readonly strays: number };

/** P-73. */
const PASSES = 7;
const PASS_INTERVAL_MS = 20 * 3_600_000;
/** P-24: 30 days of running time. */
const REPLACED_PASSES = 36;

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
    await this.#write(isDue ? { [RUNNING]: runningMs, [LAST_PASS]: runningMs } : { [RUNNING]: runningMs });
    return isDue ? this.#pass() : null;
  }

  async #pass(): Promise<Collected> {
    await this.#instance.database.transaction((transaction) =>
      transaction.query("UPDATE blobs SET passes = passes + 1 WHERE referenced = 0"),
    );
    const collected = await removeCondemned(this.#instance);
    await removeReplacedVaultObjects(this.#instance);
    return { ...collected, strays: await this.#removeStrays() };
  }

  async #removeStrays(): Promise<number> {
    const { blobs, database } = this.#instance;
    const suspects = new Set<string>();
    let removed = 0;
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
      if (await attempt(this.#instance, () => removeStray(this.#instance, stored))) removed += 1;
    }
    this.#suspects = suspects;
    return removed;
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
async function removeStray(instance: Instance, stored: StoredBlob): Promise<boolean> {
  const { vault, id } = stored;
  const isRemoved = await instance.ledger.holdSettled(vault, async () => {
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
  return isRemoved ?? false;
}

/** Removes the blobs that stayed unreferenced through all passes, each under its account's lock. */
export async function removeCondemned(instance: Instance): Promise<{ blobs: number; bytes: number }> {
  const condemned = await instance.database.read<Condemned>(
    `SELECT b.vault, b.id, b.suffix, b.size_bytes, b.device FROM blobs b JOIN vaults v ON v.vault = b.vault
      WHERE b.referenced = 0 AND b.passes >= ${PASSES}`,
  );
  let blobs = 0;
  let bytes = 0;
  for (const row of condemned) {
    const removed = await attempt(instance, () =>
      instance.ledger.holdSettled(row.vault, () => removeBlob(instance, row)),
    );
    if (removed === null) continue;
    blobs += 1;
    bytes += removed.sizeBytes;
  }
  return { blobs, bytes };
}

/** Null when the blob was revived or referenced in the meantime. */
async function removeBlob(instance: Instance, { vault, id }: Condemned): Promise<StoredBlob | null> {
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
  if (removed === null) return null;
  const stored = { vault, id, suffix: removed.suffix, sizeBytes: removed.size_bytes };
  await instance.blobs.remove(stored);
  return stored;
}

/** Forgets vault objects that were replaced 30 days of passes ago: an old passphrase opens nothing here any more. */
async function removeReplacedVaultObjects(instance: Instance): Promise<void> {
  const { database } = instance;
  await database.transaction((transaction) =>
    transaction.query(
      "UPDATE vault_objects SET passes = passes + 1 WHERE bytes IS NOT NULL AND replaced_at_ms IS NOT NULL",
    ),
  );
  const rows = await database.read<{ vault: Id; number: number; sequence: number }>(
    `SELECT vault, number, sequence FROM vault_objects
      WHERE bytes IS NOT NULL AND replaced_at_ms IS NOT NULL AND passes >= ${REPLACED_PASSES}`,
  );
  for (const row of rows) await attempt(instance, () => removeReplaced(instance, row));
}

async function removeReplaced(
  instance: Instance,
  { vault, number, sequence }: { readonly vault: Id; readonly number: number; readonly sequence: number },
): Promise<void> {
  const found = await readObject(instance.journal, vault, sequence);
  if (mayHoldRoster(found)) await keepRoster(instance, vault);
  await instance.ledger.holdSettled(vault, async () => {
    await leaveMarker(instance, vault, sequence, found);
    await instance.database.transaction((transaction) =>
      transaction.query("UPDATE vault_objects SET bytes = NULL WHERE vault = $1 AND number = $2", [vault, number]),
    );
  });
}

/**
 * Null when a file or an account cannot be read or changed now: the next pass tries again, and others are not stopped. A
 * store that is gone ends the pass.
 */
async function attempt<Result>(instance: Instance, work: () => Promise<Result>): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    const isOfOne =
      error instanceof Refusal || error instanceof StoreUnavailable || (error instanceof Error && "syscall" in error);
    if (!isOfOne) throw error;
    await Promise.all([instance.blobs.check(), instance.journal.check()]);
    return null;
  }
}

/** Writes over a replaced vault object that it was removed: its number is never used again. */
async function leaveMarker(instance: Instance, vault: Id, sequence: number, found: FoundObject): Promise<void> {
  const { journal } = instance;
  switch (found.kind) {
    case "whole":
    case "damaged": {
      if (found.kind === "whole" && (found.change.kind === "removed" || found.change.kind === "empty")) return;
      const marker = encodeChange(vault, sequence, { kind: "removed", reason: "replaced", hash: hashId(found.bytes) });
      return journal.replace(vault, sequence, marker);
    }
    case "absent":
      await journal.append(vault, sequence, encodeChange(vault, sequence, { kind: "empty", reason: "removed" }));
  }
}

/** An account's first object holds its first roster too: before it goes, the present roster gets an object of its own. */
function mayHoldRoster(found: FoundObject): boolean {
  return found.kind === "damaged" || (found.kind === "whole" && found.change.kind === "account");
}

async function keepRoster(instance: Instance, vault: Id): Promise<void> {
  await instance.ledger.change<void>(vault, async () => {
    const [row] = await instance.database.read<{ bytes: Uint8Array }>(
      `SELECT r.bytes FROM vaults v JOIN rosters r ON r.vault = v.vault AND r.version = v.roster_version
        WHERE v.vault = $1`,
      [vault],
    );
    return { change: row === undefined ? null : { kind: "roster", roster: row.bytes }, result: undefined };
  });
}

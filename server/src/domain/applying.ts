// Giving objects of the journal their rows (P-71). Rule: each object is applied once, exactly after the one before it; what
// an object holds can never stop the objects behind it.

import { parseBaseBody } from "./base-body.ts";
import { advance, applyChange, writeRows } from "./change-rows.ts";
import { type AccountChange, encodeChange } from "./changes.ts";
import type { Database } from "./database.ts";
import { parseRecord } from "./device-structures.ts";
import type { Id } from "./encodings.ts";
import { type FoundObject, readObject } from "./journal-objects.ts";
import { insertDamagedRecord, type LostIdentity, type LostState, noteLost } from "./lost-objects.ts";
import { locateBlobs, type NamedBlobs, NO_BLOBS } from "./named-blobs.ts";
import { Refusal } from "./refusal.ts";
import { type Salvage, salvageObject } from "./salvage.ts";
import { readServerKey, type ServerKeys } from "./server-keys.ts";
import type { BlobStore, Journal } from "./storage.ts";

export type LedgerStores = {
  readonly database: Database;
  readonly journal: Journal;
  readonly blobs: BlobStore;
  readonly keys: ServerKeys;
};

/** Whether the rows may be older than the store, as after a start: then the files that they name are looked at too. */
export type Trust = "rows-are-present" | "rows-may-be-older";

/** The number of the last object that has its rows; null when the account has no row. */
export async function readSequence(database: Database, vault: Id): Promise<number | null> {
  const [row] = await database.read<{ sequence: number }>(`SELECT sequence FROM vaults WHERE vault = $1`, [vault]);
  return row?.sequence ?? null;
}

/** Applies what stands under the next numbers, asking by name; gives how many there were. */
export async function applyNext(stores: LedgerStores, vault: Id, trust: Trust): Promise<number> {
  const known = (await readSequence(stores.database, vault)) ?? 0;
  for (let count = 0; ; count += 1) {
    const found = await readObject(stores.journal, vault, known + count + 1);
    if (found.kind === "absent") return count;
    await applyFound(stores, vault, known + count + 1, found, trust);
  }
}

/** Applies one object as it was found; one that is absent counts as lost. Says whether it was mended. */
export async function applyFound(
  stores: LedgerStores,
  vault: Id,
  sequence: number,
  found: FoundObject,
  trust: Trust,
): Promise<"applied" | "mended" | "lost"> {
  switch (found.kind) {
    case "whole":
      return applyWhole(stores, vault, sequence, found.change, trust);
    case "damaged":
      return applyDamaged(stores, vault, sequence, found.bytes, trust);
    case "absent":
      await applyLost(stores, vault, sequence, "absent", null);
      return "lost";
  }
}

/** Applies a change that is an object already. */
export async function applyWhole(
  stores: LedgerStores,
  vault: Id,
  sequence: number,
  change: AccountChange,
  trust: Trust,
): Promise<"applied" | "lost"> {
  try {
    const named = await locateNamed(stores, vault, change, trust);
    await stores.database.transaction((transaction) => applyChange(transaction, vault, sequence, change, named));
    return "applied";
  } catch (error) {
    // The hash holds over a structure that does not: it was refused by nobody, and it is gone over like other damage.
    if (!(error instanceof Refusal)) throw error;
    await applyLost(stores, vault, sequence, "damaged", null);
    return "lost";
  }
}

async function applyDamaged(
  stores: LedgerStores,
  vault: Id,
  sequence: number,
  bytes: Uint8Array,
  trust: Trust,
): Promise<"mended" | "lost"> {
  const salvage = await salvageBytes(stores, vault, bytes);
  switch (salvage.kind) {
    case "whole":
      await stores.journal.replace(vault, sequence, encodeChange(vault, sequence, salvage.change));
      return (await applyWhole(stores, vault, sequence, salvage.change, trust)) === "lost" ? "lost" : "mended";
    case "part":
      await applyPart(stores, vault, sequence, salvage);
      return "lost";
    case "nothing":
      await applyLost(stores, vault, sequence, "damaged", null);
      return "lost";
  }
}

/** Looks through a damaged object with the keys that rows know of the account. */
export async function salvageBytes(stores: LedgerStores, vault: Id, bytes: Uint8Array): Promise<Salvage> {
  const { database, keys } = stores;
  const [row] = await database.read<{ signing_key: Uint8Array }>(`SELECT signing_key FROM vaults WHERE vault = $1`, [
    vault,
  ]);
  const devices = await database.read<{ device: Id; signing_key: Uint8Array }>(
    `SELECT device, signing_key FROM devices WHERE vault = $1`,
    [vault],
  );
  return salvageObject(bytes, vault, {
    vaultKey: row?.signing_key ?? null,
    deviceKeys: new Map(devices.map((device) => [device.device, device.signing_key])),
    serverKey: readServerKey(keys),
  });
}

async function applyPart(
  stores: LedgerStores,
  vault: Id,
  sequence: number,
  part: Extract<Salvage, { kind: "part" }>,
): Promise<void> {
  await stores.database.transaction(async (transaction) => {
    if (!(await advance(transaction, vault, sequence))) return;
    for (const change of part.changes) await writeRows(transaction, vault, sequence, change, NO_BLOBS);
    if (part.record !== null) await insertDamagedRecord(transaction, vault, { ...part.record, sequence });
    await noteLost(transaction, vault, sequence, "damaged", part.identity);
  });
}

/** Goes over a number whose object is lost. */
export async function applyLost(
  stores: LedgerStores,
  vault: Id,
  sequence: number,
  state: LostState,
  identity: LostIdentity | null,
): Promise<void> {
  await stores.database.transaction(async (transaction) => {
    if (await advance(transaction, vault, sequence)) await noteLost(transaction, vault, sequence, state, identity);
  });
}

async function locateNamed(stores: LedgerStores, vault: Id, change: AccountChange, trust: Trust): Promise<NamedBlobs> {
  const mayTrustRows = trust === "rows-are-present";
  if (change.kind === "record") {
    const header = parseRecord(change.record, vault, change.device, change.number);
    return locateBlobs(stores, vault, change.device, header, mayTrustRows);
  }
  if (change.kind !== "base") return NO_BLOBS;
  const [row] = await stores.database.read<{ signing_key: Uint8Array }>(
    `SELECT signing_key FROM vaults WHERE vault = $1`,
    [vault],
  );
  if (row === undefined) return NO_BLOBS;
  const need = parseBaseBody(change.body, vault, change.number, row.signing_key);
  return locateBlobs(stores, vault, null, need, mayTrustRows);
}

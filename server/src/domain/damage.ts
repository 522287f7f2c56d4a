// What the store holds damaged of a device's log, and writing it again (P-32, P-50). Rule: a damaged record keeps number,
// hash and receipt, so that the log never goes back.

import { countNamedBlobs } from "./blob-rows.ts";
import type { AccountChange } from "./changes.ts";
import type { Database } from "./database.ts";
import type { RecordHeader } from "./device-structures.ts";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { readObject } from "./journal-objects.ts";
import { forgetLost } from "./lost-objects.ts";
import { locateBlobs } from "./named-blobs.ts";
import { StorageFull } from "./storage.ts";
import { addUsage } from "./usage-rows.ts";

/** Numbers of damaged records and envelopes, ascending. */
export type DamagedNumbers = { readonly damagedRecords: number[]; readonly damagedEpochs: number[] };

/** P-32: at most this many of each are named, in one head and in all heads of a login. */
const MAX_NAMED = 1_000;

type NumberRow = { device: Id; number: number };

/** What is damaged of one device's log. */
export async function readDamagedNumbers(database: Database, vault: Id, device: Id): Promise<DamagedNumbers> {
  const list = (table: "records" | "envelopes") =>
    database.read<NumberRow>(
      `SELECT device, number FROM ${table} WHERE vault = $1 AND device = $2 AND damaged = 1
        ORDER BY number LIMIT ${MAX_NAMED}`,
      [vault, device],
    );
  return nameNumbers(await list("records"), await list("envelopes"), device);
}

/** What is damaged of each device's log; together at most as much as of one. */
export async function listDamagedNumbers(database: Database, vault: Id): Promise<(device: Id) => DamagedNumbers> {
  const list = (table: "records" | "envelopes") =>
    database.read<NumberRow>(
      `SELECT device, number FROM ${table} WHERE vault = $1 AND damaged = 1 ORDER BY device, number LIMIT ${MAX_NAMED}`,
      [vault],
    );
  const [records, envelopes] = [await list("records"), await list("envelopes")];
  return (device) => nameNumbers(records, envelopes, device);
}

/** A record's object as it must be again, where its row says that it is damaged. */
export type LostRecord = Extract<AccountChange, { kind: "record" }> & { readonly sequence: number };

/** Writes a damaged record's object again. The caller holds the account's lock. */
export async function healRecord(instance: Instance, vault: Id, lost: LostRecord, header: RecordHeader): Promise<void> {
  const { sequence, ...change } = lost;
  const { device, number, record, receipt, timeMs } = change;
  await instance.ledger.rewrite(vault, sequence, change);
  const named = await locateBlobs(instance, vault, device, header, false);
  await instance.database.transaction(async (transaction) => {
    const [row] = await transaction.query<{ size_bytes: number }>(
      `SELECT size_bytes FROM records WHERE vault = $1 AND device = $2 AND number = $3`,
      [vault, device, number],
    );
    await transaction.query(
      `UPDATE records SET damaged = 0, size_bytes = $4, epoch = $5, receipt = $6, receipt_at_ms = $7
        WHERE vault = $1 AND device = $2 AND number = $3`,
      [vault, device, number, record.length, header.epoch, receipt, timeMs],
    );
    // One that is lost too, and that nothing named before.
    await transaction.query(
      `UPDATE records SET hash = $4 WHERE vault = $1 AND device = $2 AND number = $3 AND hash = ''`,
      [vault, device, number - 1, header.previousHash],
    );
    await forgetLost(transaction, vault, sequence);
    await addUsage(transaction, vault, device, record.length - (row?.size_bytes ?? record.length));
    await countNamedBlobs(transaction, vault, device, named);
  });
}

/** Writes a damaged base's object again; the caller holds the account's lock. */
export async function healBase(
  instance: Instance,
  vault: Id,
  sequence: number,
  change: Extract<AccountChange, { kind: "base" }>,
): Promise<void> {
  await instance.ledger.rewrite(vault, sequence, change);
  await instance.database.transaction(async (transaction) => {
    await transaction.query(`UPDATE bases SET damaged = 0 WHERE vault = $1 AND number = $2`, [vault, change.number]);
    await forgetLost(transaction, vault, sequence);
  });
}

function nameNumbers(records: readonly NumberRow[], envelopes: readonly NumberRow[], device: Id): DamagedNumbers {
  const pick = (rows: readonly NumberRow[]) => rows.filter((row) => row.device === device).map((row) => row.number);
  return { damagedRecords: pick(records), damagedEpochs: pick(envelopes) };
}

/** The change behind a record's or base's row; null when its object is damaged or gone, which the row says from then on. */
export async function readLogObject<Kind extends "record" | "base">(
  instance: Instance,
  vault: Id,
  sequence: number,
  kind: Kind,
): Promise<Extract<AccountChange, { kind: Kind }> | null> {
  const found = await readObject(instance.journal, vault, sequence);
  if (found.kind === "whole" && isOfKind(found.change, kind)) return found.change;
  const table = kind === "record" ? "records" : "bases";
  try {
    await instance.database.transaction((transaction) =>
      transaction.query(`UPDATE ${table} SET damaged = 1 WHERE vault = $1 AND sequence = $2`, [vault, sequence]),
    );
  } catch (error) {
    // Reading needs no room: whoever reads it next marks it.
    if (!(error instanceof StorageFull)) throw error;
  }
  return null;
}

function isOfKind<Kind extends AccountChange["kind"]>(
  change: AccountChange,
  kind: Kind,
): change is Extract<AccountChange, { kind: Kind }> {
  return change.kind === kind;
}

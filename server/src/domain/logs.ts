// A device's log as it is read: heads, pages of records, envelopes (P-32, P-33, P-53). Rule: a page holds at least one
// entry when there is one, and stays below its bytes otherwise.

import { type DamagedNumbers, listDamagedNumbers, readDamagedNumbers, readLogObject } from "./damage.ts";
import { formatBase64, type Id, ZERO_ID } from "./encodings.ts";
import { type Instance, PAGE_BYTES } from "./instance.ts";
import { Refusal } from "./refusal.ts";

export type LogHead = {
  readonly device: Id;
  readonly number: number;
  readonly hash: Id;
  readonly receipt: string | null;
};
export type PagedRecord = {
  readonly number: number;
  readonly record: string;
  readonly receipt: string;
  readonly epoch: number;
};
export type RecordPage = { readonly records: PagedRecord[]; readonly next: number | null };

type HeadRow = { device: Id; number: number | null; hash: Id | null; receipt: Uint8Array | null };

/** JSON around one record in a page, at most. */
const RECORD_OVERHEAD_BYTES = 64;

/** The newest record of each of the vault's devices, and what is damaged of each, ascending by device. */
export async function listHeads(instance: Instance, vault: Id): Promise<(LogHead & DamagedNumbers)[]> {
  const rows = await instance.database.read<HeadRow>(
    `SELECT d.device, r.number, r.hash, r.receipt FROM devices d
      LEFT JOIN records r ON r.vault = d.vault AND r.device = d.device AND r.number =
        (SELECT MAX(n.number) FROM records n WHERE n.vault = d.vault AND n.device = d.device)
      WHERE d.vault = $1 ORDER BY d.device`,
    [vault],
  );
  const damagedOf = await listDamagedNumbers(instance.database, vault);
  return rows.map((row) => ({ ...formatHead(row), ...damagedOf(row.device) }));
}

/** The newest record of one device; number 0 and zeros when there is none. */
export async function readHead(instance: Instance, vault: Id, device: Id): Promise<LogHead> {
  const [row] = await instance.database.read<HeadRow>(
    `SELECT device, number, hash, receipt FROM records WHERE vault = $1 AND device = $2 ORDER BY number DESC LIMIT 1`,
    [vault, device],
  );
  return formatHead(row ?? { device, number: null, hash: null, receipt: null });
}

/** The records after a number, as many as fit into `roomBytes` of JSON; `needsOne` gives the first whatever its size. */
export async function readRecords(
  instance: Instance,
  vault: Id,
  device: Id,
  after: number,
  roomBytes: number = PAGE_BYTES - RECORD_OVERHEAD_BYTES,
  needsOne = true,
): Promise<RecordPage> {
  const rows = await instance.database.read<{
    number: number;
    epoch: number;
    size_bytes: number;
    receipt: Uint8Array;
    sequence: number;
  }>(
    `SELECT number, epoch, size_bytes, receipt, sequence FROM records
      WHERE vault = $1 AND device = $2 AND number > $3 AND damaged = 0 ORDER BY number LIMIT 1000`,
    [vault, device, after],
  );
  const records: PagedRecord[] = [];
  let leftBytes = roomBytes;
  let last = after;
  for (const row of rows) {
    const receipt = formatBase64(row.receipt);
    leftBytes -= Math.ceil(row.size_bytes / 3) * 4 + receipt.length + RECORD_OVERHEAD_BYTES;
    if (leftBytes < 0 && !(needsOne && records.length === 0)) return { records, next: last };
    const record = (await readLogObject(instance, vault, row.sequence, "record"))?.record ?? null;
    // The client sees the gap, names it, and restores what the other records hold: a refusal would hide those too.
    if (record !== null) records.push({ number: row.number, record: formatBase64(record), receipt, epoch: row.epoch });
    last = row.number;
  }
  return { records, next: rows.length === 1_000 ? last : null };
}

/** One envelope's bytes; Refusal `not-found` when there is none, or a damaged one. */
export async function readEnvelope(instance: Instance, vault: Id, device: Id, number: number): Promise<Uint8Array> {
  const bytes = await findEnvelope(instance, vault, device, number);
  if (bytes === null) throw new Refusal("not-found");
  return bytes;
}

/** One envelope's bytes; null when there is none, or a damaged one. */
export async function findEnvelope(
  instance: Instance,
  vault: Id,
  device: Id,
  number: number,
): Promise<Uint8Array | null> {
  const [row] = await instance.database.read<{ bytes: Uint8Array }>(
    `SELECT bytes FROM envelopes WHERE vault = $1 AND device = $2 AND number = $3 AND damaged = 0`,
    [vault, device, number],
  );
  return row?.bytes ?? null;
}

/** The envelopes after a number, one page of them. */
export async function readEnvelopes(
  instance: Instance,
  vault: Id,
  device: Id,
  after: number,
): Promise<{ envelopes: { number: number; envelope: string }[]; next: number | null }> {
  const pageLength = 150;
  const rows = await instance.database.read<{ number: number; bytes: Uint8Array }>(
    `SELECT number, bytes FROM envelopes WHERE vault = $1 AND device = $2 AND number > $3 AND damaged = 0
      ORDER BY number LIMIT ${pageLength + 1}`,
    [vault, device, after],
  );
  const envelopes = rows.slice(0, pageLength).map((row) => ({ number: row.number, envelope: formatBase64(row.bytes) }));
  const next = rows.length > pageLength ? (envelopes.at(-1)?.number ?? null) : null;
  return { envelopes, next };
}

/** What a device asks at each start (P-32). */
export async function readDeviceState(
  instance: Instance,
  vault: Id,
  device: Id,
): Promise<LogHead & DamagedNumbers & { epoch: number; damaged: Id[] }> {
  const { database } = instance;
  const head = await readHead(instance, vault, device);
  const [newest] = await database.read<{ number: number | null }>(
    `SELECT MAX(number) AS number FROM envelopes WHERE vault = $1 AND device = $2`,
    [vault, device],
  );
  const damaged = await database.read<{ id: Id }>(
    `SELECT id FROM blobs WHERE vault = $1 AND damaged = 1 ORDER BY id LIMIT 1000`,
    [vault],
  );
  const numbers = await readDamagedNumbers(database, vault, device);
  return { ...head, epoch: newest?.number ?? 0, damaged: damaged.map((row) => row.id), ...numbers };
}

function formatHead(row: HeadRow): LogHead {
  const { device, number, hash, receipt } = row;
  return {
    device,
    number: number ?? 0,
    hash: hash ?? ZERO_ID,
    receipt: receipt === null ? null : formatBase64(receipt),
  };
}

// What a hostile or broken server does with what it holds. Rule: each of these changes durable state behind the protocol's
// back, as one deed with a name; what a client says of it is the client's test.

import { toBase64, toHex } from "./border-text.ts";
import { makeReceipt } from "./device-requests.ts";
import { type HttpResponse, jsonResponse } from "./http-exchange.ts";
import type { ServerPowers } from "./server-call.ts";
import type { Account, DeviceLog, DurableState, StoredBlob, StoredRecord } from "./server-state.ts";
import { referencedBlobs } from "./server-state.ts";
import { readRecordHeader, sha256 } from "./server-structures.ts";

/** Flips one bit of a blob, `offset` bytes from its start. */
export function alterBlob(account: Account, id: string, offset = 0): void {
  const blob = blobOf(account, id);
  account.blobs.set(id, { ...blob, bytes: flipped(blob.bytes, offset) });
}

/** Serves each of two blobs for the other. */
export function swapBlobs(account: Account, a: string, b: string): void {
  const first = blobOf(account, a);
  account.blobs.set(a, blobOf(account, b));
  account.blobs.set(b, first);
}

/** Keeps only the first `sizeBytes` of a blob. */
export function truncateBlob(account: Account, id: string, sizeBytes: number): void {
  const blob = blobOf(account, id);
  account.blobs.set(id, { ...blob, bytes: blob.bytes.slice(0, sizeBytes) });
}

export function dropBlob(account: Account, id: string): void {
  blobOf(account, id);
  account.blobs.delete(id);
}

/** The server found out by itself that a blob is wrong: it asks for it again, and serves it no more. */
export function damageBlob(account: Account, id: string): void {
  account.blobs.set(id, { ...blobOf(account, id), damaged: true });
}

/** The server found out by itself that a record or an envelope is wrong. */
export function damageRecord(account: Account, device: string, number: number): void {
  recordOf(account, device, number);
  deviceLog(account, device).damagedRecords.add(number);
}

export function damageEnvelope(account: Account, device: string, number: number): void {
  if (!deviceLog(account, device).envelopes.has(number)) throw new Error(`expected an envelope ${number}`);
  deviceLog(account, device).damagedEpochs.add(number);
}

/** The ids of blobs that no record needs. */
export function findUnreferenced(account: Account): string[] {
  const referenced = referencedBlobs(account);
  return [...account.blobs.keys()].filter((id) => !referenced.has(id));
}

/** Forgets blobs that no record needs; with `nowMs` only those whose promise of P-43 is over. Returns how many. */
export function forgetUnreferenced(account: Account, nowMs: number = Number.POSITIVE_INFINITY): number {
  const forgotten = findUnreferenced(account).filter((id) => (account.blobs.get(id)?.promisedUntilMs ?? 0) <= nowMs);
  for (const id of forgotten) account.blobs.delete(id);
  return forgotten.length;
}

/** Flips one bit of a record, `offset` bytes from its start; negative offsets count from its end. */
export function alterRecord(account: Account, device: string, number: number, offset = -1): void {
  changeRecord(account, device, number, (record) => ({ ...record, bytes: flipped(record.bytes, offset) }));
}

/** Flips one bit of a receipt. */
export function alterReceipt(account: Account, device: string, number: number): void {
  changeRecord(account, device, number, (record) => ({ ...record, receipt: flipped(record.receipt, -1) }));
}

/** Serves each of two records under the other's number. */
export function swapRecords(account: Account, device: string, a: number, b: number): void {
  const first = recordOf(account, device, a);
  changeRecord(account, device, a, () => recordOf(account, device, b));
  changeRecord(account, device, b, () => first);
}

/** Serves an earlier record again in the place of a later one. */
export function replayRecord(account: Account, device: string, earlier: number, later: number): void {
  changeRecord(account, device, later, () => recordOf(account, device, earlier));
}

/** Serves a record of another device in the place of one. */
export function substituteRecord(account: Account, device: string, number: number, other: StoredRecord): void {
  changeRecord(account, device, number, () => other);
}

/** Leaves one record out; those behind it move up. */
export function dropRecord(account: Account, device: string, number: number): void {
  recordOf(account, device, number);
  deviceLog(account, device).records.splice(number - 1, 1);
}

/** Withholds everything behind record `number`. */
export function withholdRecords(account: Account, device: string, number: number): void {
  deviceLog(account, device).records.length = number;
}

export function dropEnvelope(account: Account, device: string, number: number): void {
  deviceLog(account, device).envelopes.delete(number);
}

/** Flips one bit of an envelope. */
export function alterEnvelope(account: Account, device: string, number: number): void {
  const { envelopes } = deviceLog(account, device);
  const envelope = envelopes.get(number);
  if (envelope === undefined) throw new Error(`expected an envelope ${number}`);
  envelopes.set(number, flipped(envelope, -1));
}

/** Flips one bit of the vault object, or of the roster, without reading it again. */
export function alterVaultObject(account: Account): void {
  account.objectBytes = flipped(account.objectBytes, -1);
}

export function alterRoster(account: Account): void {
  account.rosterBytes = flipped(account.rosterBytes, -1);
}

/** Shows an older roster and vault object than the newest. */
export function rollBackStructures(account: Account, older: Account): void {
  account.roster = older.roster;
  account.rosterBytes = older.rosterBytes;
  account.object = older.object;
  account.objectBytes = older.objectBytes;
}

/** The only account, for tests with one vault. */
export function onlyAccount(state: DurableState): Account {
  const [account, ...others] = state.accounts.values();
  if (account === undefined || others.length > 0) throw new Error(`expected one account, found ${state.accounts.size}`);
  return account;
}

/** The only device that wrote, for tests with one machine. */
export function onlyDevice(account: Account): string {
  const [device, ...others] = account.roster.devices.keys();
  if (device === undefined || others.length > 0) throw new Error(`expected one device`);
  return device;
}

function flipped(bytes: Uint8Array, offset: number): Uint8Array {
  const altered = new Uint8Array(bytes);
  const at = offset < 0 ? altered.length + offset : offset;
  altered[at] = (altered[at] as number) ^ 1;
  return altered;
}

function blobOf(account: Account, id: string): StoredBlob {
  const blob = account.blobs.get(id);
  if (blob === undefined) throw new Error("expected a blob of this vault");
  return blob;
}

function deviceLog(account: Account, device: string): DeviceLog {
  const log = account.devices.get(device);
  if (log === undefined) throw new Error("expected a device that wrote");
  return log;
}

function recordOf(account: Account, device: string, number: number): StoredRecord {
  const record = deviceLog(account, device).records[number - 1];
  if (record === undefined) throw new Error(`expected a record ${number}`);
  return record;
}

function changeRecord(
  account: Account,
  device: string,
  number: number,
  change: (record: StoredRecord) => StoredRecord,
): void {
  deviceLog(account, device).records[number - 1] = change(recordOf(account, device, number));
}

/** An answer to a record that the server keeps nothing of: a receipt that is signed, and speaks of another record of its number. */
export function forgeReceipt(server: ServerPowers, record: Uint8Array): HttpResponse | null {
  const header = readRecordHeader(record);
  if (header === null) return null;
  const { receipt } = makeReceipt(server, header, toHex(sha256(record, Uint8Array.of(0))));
  return jsonResponse(201, { receipt: toBase64(receipt) });
}

// Requests about a device's epochs and records (docs/protocol.md 4 and 6). Rule: content that is stored already is
// success before anything else is checked (P-2).

import { toBase64, toHex } from "./border-text.ts";
import { type HttpResponse, jsonResponse } from "./http-exchange.ts";
import type { ServerPowers } from "./server-call.ts";
import { type OpenCall, parseNumber, readAfter, readBody, requireOwn, requireReader } from "./server-call.ts";
import { Problem } from "./server-problem.ts";
import { type Account, type DeviceLog, logOf, type StoredRecord } from "./server-state.ts";
import {
  type RecordHeader,
  readEnvelope,
  readRecordHeader,
  readReferenceBlob,
  sha256,
  signStructure,
} from "./server-structures.ts";

const NO_HASH = "0".repeat(64);
const NAMED_IDS = 1_000;
/** The most bytes of a page (P-53). */
export const PAGE_BYTES = 368_640;
/** What stands around the rows of a page. */
const PAGE_FRAME_BYTES = 64;

/** Number, hash and receipt of the newest record. */
export function headOf(log: DeviceLog | undefined): { number: number; hash: string; receipt: string | null } {
  const newest = log?.records.at(-1);
  if (log === undefined || newest === undefined) return { number: 0, hash: NO_HASH, receipt: null };
  return { number: log.records.length, hash: newest.hash, receipt: toBase64(newest.receipt) };
}

/** What the server found damaged of a log (P-32). */
export function damagedOf(log: DeviceLog | undefined): {
  readonly damagedRecords: readonly number[];
  readonly damagedEpochs: readonly number[];
} {
  const name = (numbers: ReadonlySet<number> = new Set()) => [...numbers].sort((a, b) => a - b).slice(0, NAMED_IDS);
  return { damagedRecords: name(log?.damagedRecords), damagedEpochs: name(log?.damagedEpochs) };
}

/** `GET /v1/devices/{id}/head` (P-32). */
export function getHead(server: ServerPowers, call: OpenCall, device: string): HttpResponse {
  requireReader(call, device);
  const log = call.account.devices.get(device);
  const damaged = [...call.account.blobs].filter(([, blob]) => blob.damaged).map(([id]) => id);
  return jsonResponse(200, {
    ...headOf(log),
    epoch: Math.max(0, ...(log?.envelopes.keys() ?? [])),
    drop: 0,
    damaged: damaged.slice(0, NAMED_IDS),
    ...damagedOf(log),
    time: new Date(server.nowMs).toISOString(),
  });
}

/** How far above the newest envelope a number may be (P-33). */
const EPOCHS_AHEAD = 1_024;

/** `PUT /v1/devices/{id}/epochs/{n}` (P-33). */
export function putEpoch(
  _server: ServerPowers,
  call: OpenCall,
  device: string,
  text: string | undefined,
): HttpResponse {
  requireOwn(call, device);
  const number = parseNumber(text);
  const bytes = readBody(call);
  const log = logOf(call.account, device) as DeviceLog;
  const stored = log.envelopes.get(number);
  if (stored !== undefined) {
    if (Buffer.compare(stored, bytes) !== 0) throw new Problem("epoch-differs");
    log.damagedEpochs.delete(number);
    return jsonResponse(200, {});
  }
  const envelope = readEnvelope(bytes, call.account.roster.devices.get(device) as Uint8Array);
  if (envelope === null || envelope.vault !== call.account.vault || envelope.device !== device) {
    throw new Problem("malformed");
  }
  if (envelope.number !== number) throw new Problem("malformed");
  if (number > Math.max(0, ...log.envelopes.keys()) + EPOCHS_AHEAD) throw new Problem("epoch-too-high");
  log.envelopes.set(number, bytes);
  return jsonResponse(201, {});
}

/** `GET /v1/devices/{id}/epochs/{n}` (P-33). */
export function getEpoch(
  _server: ServerPowers,
  call: OpenCall,
  device: string,
  text: string | undefined,
): HttpResponse {
  requireReader(call, device);
  const envelope = wholeEnvelope(call.account.devices.get(device), parseNumber(text));
  if (envelope === undefined) throw new Problem("not-found");
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body: envelope };
}

/** An envelope that can be served. */
export function wholeEnvelope(log: DeviceLog | undefined, number: number): Uint8Array | undefined {
  return log?.damagedEpochs.has(number) === true ? undefined : log?.envelopes.get(number);
}

/** `GET /v1/devices/{id}/epochs?after=n` (P-33). */
export function listEpochs(_server: ServerPowers, call: OpenCall, device: string): HttpResponse {
  requireReader(call, device);
  const after = readAfter(call);
  const log = call.account.devices.get(device);
  const all = [...(log?.envelopes ?? [])].filter(
    ([number]) => number > after && wholeEnvelope(log, number) !== undefined,
  );
  all.sort(([a], [b]) => a - b);
  const rows = all.map(([number, bytes]) => ({ number, envelope: toBase64(bytes) }));
  const { page, next } = cutPage(rows, ({ number }) => number, PAGE_BYTES);
  return jsonResponse(200, { envelopes: page, next });
}

/** `PUT /v1/devices/{id}/records/{n}` (P-50 to P-52). */
export function putRecord(
  server: ServerPowers,
  call: OpenCall,
  device: string,
  text: string | undefined,
): HttpResponse {
  requireOwn(call, device);
  const number = parseNumber(text);
  const bytes = readBody(call);
  if (bytes.length > server.limits.recordBytes) throw new Problem("body-too-large");
  const { account } = call;
  const log = logOf(account, device) as DeviceLog;
  const hash = toHex(sha256(bytes));
  const stored = log.records[number - 1];
  if (stored?.hash === hash) {
    log.damagedRecords.delete(number);
    return jsonResponse(200, { receipt: toBase64(stored.receipt) });
  }
  const header = readRecordHeader(bytes);
  if (header === null || header.vault !== account.vault || header.device !== device || header.number !== number) {
    throw new Problem("malformed");
  }
  const head = headOf(log);
  if (number !== head.number + 1 || header.previousHash !== head.hash) throw new Problem("record-conflict", { head });
  const blobs = requireNeeds(account, log, header, server.limits.idsPerRecord);
  server.takeSpace(account, bytes.length);
  const record: StoredRecord = { bytes, hash, blobs, epoch: header.epoch, ...makeReceipt(server, header, hash) };
  log.records.push(record);
  return jsonResponse(201, { receipt: toBase64(record.receipt) });
}

/** Everything that a record needs, or 409 with what is not durable (P-52). */
function requireNeeds(account: Account, log: DeviceLog, header: RecordHeader, idsPerRecord: number): readonly string[] {
  const envelope = wholeEnvelope(log, header.epoch);
  const hasEnvelope = envelope !== undefined && toHex(sha256(envelope)) === header.envelopeHash;
  const needed = [...header.blobs, ...header.referenceBlobs];
  let referencesLeft = idsPerRecord;
  for (const id of header.referenceBlobs) {
    const blob = account.blobs.get(id);
    if (blob === undefined || blob.damaged) continue;
    const ids = readReferenceBlob(blob.bytes);
    referencesLeft -= ids?.length ?? 0;
    if (ids === null || referencesLeft < 0) throw new Problem("malformed");
    needed.push(...ids);
  }
  const missing = needed.filter((id) => account.blobs.get(id)?.damaged !== false);
  if (missing.length > 0 || !hasEnvelope) {
    throw new Problem("record-needs", { missing: missing.slice(0, NAMED_IDS), envelope: !hasEnvelope });
  }
  return needed;
}

export function makeReceipt(
  server: ServerPowers,
  { vault, device, number }: RecordHeader,
  hash: string,
): { readonly receipt: Uint8Array; readonly receiptMs: number } {
  const receiptMs = server.nowMs;
  const structure = [1, idBytes(vault), idBytes(device), number, idBytes(hash), 0, receiptMs];
  return { receipt: signStructure(server.privateKey, "receipt", structure), receiptMs };
}

function idBytes(id: string): Uint8Array {
  return Buffer.from(id, "hex");
}

/** `GET /v1/devices/{id}/records?after=n` (P-53). */
export function listRecords(_server: ServerPowers, call: OpenCall, device: string): HttpResponse {
  requireReader(call, device);
  const { page, next } = pageOfRecords(call.account.devices.get(device), readAfter(call), PAGE_BYTES);
  return jsonResponse(200, { records: page, next });
}

export interface RecordRow {
  readonly number: number;
  readonly record: string;
  readonly receipt: string;
}

/** The records behind `after`, as many as fit, and the number after which to go on, or null. */
export function pageOfRecords(
  log: DeviceLog | undefined,
  after: number,
  bytes: number,
): { readonly page: readonly RecordRow[]; readonly next: number | null } {
  const records = log?.records ?? [];
  const rows = (function* (): Iterable<RecordRow> {
    for (let index = after; index < records.length; index++) {
      if (log?.damagedRecords.has(index + 1) === true) continue;
      const { bytes: record, receipt } = records[index] as StoredRecord;
      yield { number: index + 1, record: toBase64(record), receipt: toBase64(receipt) };
    }
  })();
  return cutPage(rows, ({ number }) => number, bytes);
}

/** Rows up to `bytes` of JSON, at least one; `next` is the last row's number when there are more. */
function cutPage<R>(
  rows: Iterable<R>,
  numberOf: (row: R) => number,
  bytes: number,
): { readonly page: readonly R[]; readonly next: number | null } {
  const page: R[] = [];
  let left = bytes - PAGE_FRAME_BYTES;
  for (const row of rows) {
    left -= JSON.stringify(row).length + 1;
    const last = page.at(-1);
    if (last !== undefined && left < 0) return { page, next: numberOf(last) };
    page.push(row);
  }
  return { page, next: null };
}

// The logs of an export: every envelope and record of a device, as the server gives them, with their receipts. Rule: what fails a
// check is named and written all the same: it is what there is, and whoever opens the file checks it again.

import type { DamageCode } from "../../border/reasons.ts";
import { decodeEnvelope } from "../../format/envelope.ts";
import { decodeRecord, type RecordHeader } from "../../format/record-header.ts";
import { openSigned } from "../../format/signed.ts";
import type { DeviceId, Digest } from "../../ids.ts";
import { type LoggedRecord, readEnvelopePage, readRecordPage } from "../../peer/answers.ts";
import { Refused } from "../../peer/failures.ts";
import type { Flow } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import { checkRecord, type LogPosition, orNull } from "../index/record-check.ts";
import type { Session } from "../session.ts";
import { addDamage, isDamaged } from "../tables/damage-rows.ts";
import { BLOB_KIND, type ExportBlob, type ExportLog, putLog, wantBlobs } from "../tables/export-rows.ts";
import type { ExportFile } from "./export-file.ts";

/** At most this many numbers of one gap are named. */
const MAX_NAMED_GAP = 100;

/** What the logs are read with. */
export interface LogGround {
  readonly store: Store;
  readonly session: Session;
  readonly file: ExportFile;
}

/** Writes the envelopes of a device, behind those that were written. */
export function* writeEnvelopes({ store, session, file }: LogGround, log: ExportLog): Flow<ExportLog> {
  const { device } = log;
  let written = log;
  const note = (): void => putLog(store, written);
  for (let next: number | null = log.envelope; next !== null; ) {
    const text = yield* askServer(session, `/v1/devices/${device}/epochs?after=${next}`);
    if (text === null) break;
    const page = readEnvelopePage(text);
    for (const { number, envelope } of page.envelopes) {
      if (number <= written.envelope || number > log.epoch) continue;
      if (!isAuthentic(session, device, number, envelope)) addDamage(store, device, null, "envelope-not-authentic");
      const isFull = file.gather(`devices/${device}/epochs/${number}`, envelope);
      written = { ...written, envelope: number };
      if (!isFull) continue;
      yield* file.flush();
      note();
    }
    next = page.next !== null && page.next > next && page.next < log.epoch ? page.next : null;
  }
  yield* file.flush();
  note();
  return written;
}

/** Writes the records of a device and their receipts, as far as the log went when the export began. */
export function* writeRecords(ground: LogGround, log: ExportLog, damaged: ReadonlySet<number>): Flow<void> {
  const { store, session, file } = ground;
  const { device } = log;
  const revocation = session.vault.roster.revocations.find((revoked) => revoked.device === device) ?? null;
  const { login, object, certificates } = session.vault;
  let position: LogPosition = { vault: object.vault, device, number: log.record, hash: log.recordHash };
  let needs: Needs = { parts: [], references: [] };
  const note = (): void => {
    wantBlobs(store, needs.parts, BLOB_KIND.parts);
    wantBlobs(store, needs.references, BLOB_KIND.unread);
    needs = { parts: [], references: [] };
    putLog(store, { ...log, record: position.number, recordHash: position.hash });
  };
  while (position.number < log.number) {
    const before = position.number;
    const text = yield* askServer(session, `/v1/devices/${device}/records?after=${before}`);
    for (const logged of text === null ? [] : readRecordPage(text).records) {
      if (logged.number > log.number) break;
      if (logged.number <= position.number) {
        addDamage(store, device, logged.number, "record-replayed");
        continue;
      }
      nameGap(store, device, position.number, logged.number, damaged);
      const check = checkRecord(logged, position, login.serverKey, revocation, true, (id) => certificates.has(id));
      const code = check.kind === "readable" ? check.damage : check.code;
      if (code !== null) addDamage(store, device, logged.number, code);
      addNeeds(needs, device, logged);
      file.gather(`devices/${device}/records/${logged.number}`, logged.record);
      const isFull = file.gather(`devices/${device}/receipts/${logged.number}`, logged.receipt);
      position = { ...position, number: logged.number, hash: check.hash };
      if (!isFull) continue;
      yield* file.flush();
      note();
    }
    if (position.number === before) break;
  }
  yield* file.flush();
  nameEnd(store, log, position, damaged);
  position = { ...position, number: log.number };
  note();
}

interface Needs {
  readonly parts: ExportBlob[];
  readonly references: ExportBlob[];
}

/** The blobs that a record's header names: of one that was altered too, as far as it can be read. */
function addNeeds(needs: Needs, device: DeviceId, { number, record }: LoggedRecord): void {
  const header: RecordHeader | null = orNull(() => decodeRecord(record))?.header ?? null;
  if (header === null) return;
  needs.parts.push(...header.blobs.map((sha) => ({ sha, device, record: number })));
  needs.references.push(...header.referenceBlobs.map((sha) => ({ sha, device, record: number })));
}

function nameGap(store: Store, device: DeviceId, last: number, next: number, damaged: ReadonlySet<number>): void {
  for (let number = last + 1; number < Math.min(next, last + 1 + MAX_NAMED_GAP); number++) {
    addDamage(store, device, number, damaged.has(number) ? "record-damaged" : "record-missing");
  }
}

/** Names what the head tells of and the pages did not show. */
function nameEnd(
  store: Store,
  { device, number, hash }: ExportLog,
  position: { readonly number: number; readonly hash: Digest | null },
  damaged: ReadonlySet<number>,
): void {
  if (position.number === number) {
    const isOther = position.hash !== null && position.hash !== hash && number > 0;
    if (isOther && !isDamaged(store, device, number)) addDamage(store, device, number, "record-altered");
    return;
  }
  for (let next = position.number + 1; next <= Math.min(number, position.number + MAX_NAMED_GAP); next++) {
    const code: DamageCode = damaged.has(next) ? "record-damaged" : "record-withheld";
    addDamage(store, device, next, code);
    if (code === "record-withheld") return;
  }
}

function isAuthentic({ vault }: Session, device: DeviceId, number: number, signed: Uint8Array): boolean {
  const certificate = vault.certificates.get(device);
  if (certificate === undefined) return false;
  const envelope = orNull(() => decodeEnvelope(openSigned("epoch", signed, certificate.signingKey)));
  return envelope?.vault === vault.object.vault && envelope.device === device && envelope.number === number;
}

/** The body of a GET, or null when the server knows nothing there. */
export function* askServer(session: Session, path: string): Flow<string | null> {
  try {
    return yield* session.get(path);
  } catch (error) {
    if (error instanceof Refused && error.problem === "not-found") return null;
    throw error;
  }
}

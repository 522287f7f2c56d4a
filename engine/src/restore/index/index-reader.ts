// Reading what a vault holds: the logs of all its devices into the index (docs/format.md F-92). Rule: what fails a check
// is named and passed over, never the rest; each record is in the index, or named, before the next one is looked at.

import type { DamageCode } from "../../border/reasons.ts";
import { fromBase64, toBase64 } from "../../bytes.ts";
import { noteHead, type SeenHead, seenHead } from "../../evidence/seen.ts";
import { recordContext } from "../../format/contexts.ts";
import { checkNamedBlobs, decodeRecordBody, type RecordBody } from "../../format/record-body.ts";
import { type RecordHeader, recordHash } from "../../format/record-header.ts";
import type { Revocation } from "../../format/roster.ts";
import type { DeviceId, Digest } from "../../ids.ts";
import { type LoggedRecord, type RecordPage, readRecordPage } from "../../peer/answers.ts";
import { Refused } from "../../peer/failures.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import type { Session } from "../session.ts";
import { addDamage, forgetHeadDamage, isDamaged } from "../tables/damage-rows.ts";
import { clearDevice, deviceRow, epochRow, hasRecord, hasUntimed, lastRead, markRead } from "../tables/index-rows.ts";
import { foldRecord } from "./fold.ts";
import type { KeyRing } from "./key-ring.ts";
import { type Extent, findUnread } from "./log-extent.ts";
import { type OrderedRecord, orderPage } from "./page-order.ts";
import { checkRecord, type LogPosition, orNull, type ReadableRecord } from "./record-check.ts";

/** At most this many numbers of one gap are named. */
const MAX_NAMED_GAP = 100;
/** After so many records that nothing vouches for, the rest of a log is withheld: a server could invent any number. */
const MAX_UNREADABLE = 1_000;

/** One device's log as it is read. */
interface Log {
  readonly row: number;
  readonly device: DeviceId;
  readonly revocation: Revocation | null;
  /** What the server itself says that it cannot give back. */
  readonly damaged: ReadonlySet<number>;
  position: LogPosition;
  timeMs: number;
  /** The newest record that was opened in this reading. */
  newest: SeenHead | null;
  /** Records since then that neither a key opens nor a receipt vouches for. */
  unreadable: number;
}

/** What `readIndex` needs. */
export interface IndexGround {
  readonly ctx: Context;
  readonly session: Session;
  readonly keys: KeyRing;
  readonly names: ReadonlyMap<DeviceId, string>;
  /** True while a restore is under way, whose versions must stay as they are. */
  readonly isKept: boolean;
  /** The owner takes what the server shows in the place of what was seen before. */
  readonly acceptsOlder: boolean;
  /** Also reads what devices recorded after they were shut out; it is named all the same. */
  readonly withRevoked: boolean;
}

/** Brings the index up to the server's logs. Errors as `Session.get`; damage goes into the Store. */
export function* readIndex(ground: IndexGround): Flow<void> {
  const { ctx, session, keys } = ground;
  const { bundle, roster } = session.vault;
  for (const { device, number, envelope } of bundle.envelopes) keys.keep(device, number, envelope);
  forgetHeadDamage(ctx.store);
  for (const { device } of roster.devices) yield* readLog(ground, openLog(ground, device));
  for (const { device } of bundle.heads) {
    if (!session.vault.certificates.has(device)) addDamage(ctx.store, device, null, "device-not-certified");
  }
}

function openLog(ground: IndexGround, device: DeviceId): Log {
  const { ctx, session, names, isKept } = ground;
  const { store } = ctx;
  const row = deviceRow(store, device, names.get(device) ?? device.slice(0, 8));
  // The server may have healed since, so what was damaged is read anew.
  if (!isKept && (isDamaged(store, device, null) || hasUntimed(store, row))) clearDevice(store, row);
  const { number, hash, timeMs } = lastRead(store, row);
  const { object, roster, bundle } = session.vault;
  return {
    row,
    device,
    revocation: roster.revocations.find((revoked) => revoked.device === device) ?? null,
    position: { vault: object.vault, device, number, hash },
    damaged: new Set(bundle.heads.find((head) => head.device === device)?.damagedRecords),
    timeMs,
    newest: null,
    unreadable: 0,
  };
}

function* readLog(ground: IndexGround, log: Log): Flow<void> {
  const { ctx, session, acceptsOlder } = ground;
  const { bundle, object } = session.vault;
  const head = bundle.heads.find(({ device }) => device === log.device) ?? null;
  const tail = bundle.tail !== null && bundle.tail.device === log.device ? bundle.tail : null;
  const seen = acceptsOlder ? null : witness(ground, log);
  const before = log.position.number;
  const shown = tail?.records.reduce((highest, { number }) => Math.max(highest, number), 0) ?? 0;
  const isCurrent = head !== null && head.number === before && head.hash === log.position.hash;
  // An equal head ends the reading, unless another witness tells of more: then what there is is read.
  if (!isCurrent || Math.max(shown, seen?.number ?? 0) > before) {
    const most = head === null ? null : Math.max(head.number, seen?.number ?? 0);
    yield* readPages(ground, log, before === 0 ? tail : null, most);
  }
  nameUnread(ground, log, { head, seen, shown: Math.max(shown, acceptsOlder ? 0 : before) });
  const newest = log.newest ?? (acceptsOlder ? { number: log.position.number, hash: log.position.hash } : null);
  if (newest !== null && newest.hash !== null) {
    const { number, hash } = newest;
    noteHead(ctx.store, object.vault, log.device, { number, hash }, acceptsOlder ? "instead" : "higher");
  }
}

/** What was seen of a log before, as far as the roster still counts it. */
function witness({ ctx, session }: IndexGround, { device, revocation }: Log): SeenHead | null {
  const seen = seenHead(ctx.store, session.vault.object.vault, device);
  if (seen === null || seen.number === 0) return null;
  return revocation === null || seen.number <= revocation.lastNumber ? seen : null;
}

/** Reads page after page, no further than record `most` when it is known how far the log goes. */
function* readPages(ground: IndexGround, log: Log, first: RecordPage | null, most: number | null): Flow<void> {
  let page = first ?? (yield* askPage(ground, log.device, log.position.number));
  while (page !== null) {
    const before = log.position.number;
    for (const record of orderPage(page.records, log.device)) yield* readRecord(ground, log, record);
    // A page that leads nowhere new ends the log: what the head names beyond it is withheld.
    const isBehind = most === null || log.position.number < most;
    const leads = page.next !== null && isBehind && log.position.number > before && log.unreadable < MAX_UNREADABLE;
    page = leads ? yield* askPage(ground, log.device, log.position.number) : null;
  }
}

/** Names what some witness tells of and the server does not show. */
function nameUnread(ground: IndexGround, log: Log, extent: Pick<Extent, "head" | "seen" | "shown">): void {
  const { position, damaged } = log;
  const { seen } = extent;
  const { store } = ground.ctx;
  const isSeenThere = seen !== null && hasRecord(store, seen.hash, log.row);
  for (const { number, code } of findUnread({ ...extent, position, damaged, isSeenThere })) {
    // A record that was judged already is not named again for not being the one that it should be.
    if (code === "record-altered" || !isDamaged(store, log.device, number)) damage(ground, log, number, code);
  }
}

function* askPage({ session }: IndexGround, device: DeviceId, after: number): Flow<RecordPage | null> {
  try {
    return readRecordPage(yield* session.get(`/v1/devices/${device}/records?after=${after}`));
  } catch (error) {
    if (error instanceof Refused && error.problem === "not-found") return null;
    throw error;
  }
}

function* readRecord(ground: IndexGround, log: Log, { logged, listed, isDisplaced }: OrderedRecord): Flow<void> {
  const { position } = log;
  if (logged.number <= position.number) {
    // A record that was not read before came too late: the one behind it was shown in its place.
    damage(ground, log, listed, isKnown(ground, logged) ? "record-replayed" : "record-swapped");
    return;
  }
  if (isDisplaced) damage(ground, log, listed, "record-swapped");
  const { certificates, login } = ground.session.vault;
  const { withRevoked } = ground;
  const check = checkRecord(logged, position, login.serverKey, log.revocation, withRevoked, (device) =>
    certificates.has(device),
  );
  if (check.kind === "unreadable") {
    if (check.hash === null) log.unreadable += 1;
    const code = check.code === "record-swapped" && isKnown(ground, logged) ? "record-replayed" : check.code;
    damage(ground, log, logged.number, code);
    // A number that nothing vouches for must not make the records before it look as if they came too late.
    if (check.hash === null && logged.number > position.number + 1) return;
    nameGap(ground, log, logged.number);
    advance(ground, log, logged.number, check.hash);
    return;
  }
  nameGap(ground, log, logged.number);
  const body = yield* openBody(ground, log, check);
  if (typeof body === "string") {
    if (!check.receiptFits) log.unreadable += 1;
    // What a record would have said, it would have said of its own time and later ones.
    const sinceMs = check.receiptFits && check.timeMs !== null ? Math.max(log.timeMs, check.timeMs) : 0;
    addDamage(ground.ctx.store, log.device, logged.number, body, sinceMs);
  } else {
    log.unreadable = 0;
    log.newest = { number: logged.number, hash: check.hash };
    if (check.damage !== null) damage(ground, log, logged.number, check.damage);
    // F-71: a receipt that is older than the one before it, or does not hold, counts as that one.
    log.timeMs = Math.max(log.timeMs, check.timeMs ?? 0);
    foldRecord(ground.ctx.store, { device: log.row, number: logged.number, timeMs: log.timeMs, body });
  }
  const isGenuine = typeof body !== "string" || check.receiptFits;
  advance(ground, log, logged.number, isGenuine ? check.hash : null);
}

/** The body, or what is wrong with it. */
function* openBody(ground: IndexGround, log: Log, record: ReadableRecord): Flow<RecordBody | DamageCode> {
  const { ctx, keys } = ground;
  const { header } = record;
  // Bytes that no receipt vouches for and that do not open were altered, whatever else they seem to be.
  const blame = (code: DamageCode): DamageCode => (record.receiptFits ? code : "record-altered");
  const epoch = yield* keys.unlock(epochRow(ctx.store, log.device, header.epoch));
  if (epoch.kind === "closed") return blame(epoch.code);
  if (epoch.envelopeHash !== header.envelopeHash) return blame("envelope-not-authentic");
  const answer = yield* perform({
    kind: "open",
    slot: epoch.record,
    context: recordContext(record.headerSha),
    bytes: toBase64(record.sealedBody),
  });
  const bytes = answer.kind === "opened" ? answer.bytes : undefined;
  if (bytes === undefined) return blame("record-not-authentic");
  return orNull(() => readBody(fromBase64(bytes), header)) ?? "record-malformed";
}

function readBody(bytes: Uint8Array, header: RecordHeader): RecordBody {
  const body = decodeRecordBody(bytes);
  // What reference blobs leave out is not kept for this record: its own versions may be missing, which is told when they are read.
  if (header.referenceBlobs.length === 0) checkNamedBlobs(body, new Set(header.blobs));
  return body;
}

function nameGap(ground: IndexGround, log: Log, number: number): void {
  const first = log.position.number + 1;
  for (let missing = first; missing < Math.min(number, first + MAX_NAMED_GAP); missing++) {
    // What stands in its place was named already.
    const code = log.damaged.has(missing) ? "record-damaged" : "record-missing";
    if (!isDamaged(ground.ctx.store, log.device, missing)) damage(ground, log, missing, code);
  }
  if (number > first) log.position = { ...log.position, number: number - 1, hash: null };
}

/** Whether these bytes were already read as another record. */
function isKnown({ ctx }: IndexGround, logged: LoggedRecord): boolean {
  return hasRecord(ctx.store, recordHash(logged.record), null);
}

function damage({ ctx }: IndexGround, log: Log, record: number, code: DamageCode): void {
  addDamage(ctx.store, log.device, record, code);
}

function advance({ ctx }: IndexGround, log: Log, number: number, hash: Digest | null): void {
  log.position = { ...log.position, number, hash };
  markRead(ctx.store, log.row, { number, hash, timeMs: log.timeMs });
}

// Taking up records that the server has and this database does not: it was rolled back, by a power cut or from a copy.
// Rule: adopting gives places of chunks back and moves the last receipt on; it never makes an entry synced.

import { fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { recordContext } from "../format/contexts.ts";
import type { Entry } from "../format/entries.ts";
import type { RecordBody } from "../format/record-body.ts";
import { decodeRecordBody } from "../format/record-body.ts";
import { decodeRecord, headerHash, recordHash } from "../format/record-header.ts";
import type { Digest } from "../ids.ts";
import type { DeviceHead, LoggedRecord } from "../peer/answers.ts";
import { readRecordPage } from "../peer/answers.ts";
import { PeerTrouble, trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { perform } from "../runtime/flow.ts";
import type { LastReceipt, Pairing } from "../store/settings.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { int } from "../store/store.ts";
import { recordAdoptedAnew } from "./adopted-paths.ts";
import { closeEpochs, recordRootSlot } from "./epochs.ts";
import { recordAllAgain } from "./lost-blobs.ts";
import { supersede } from "./lost-records.ts";
import { discardPlans } from "./planner.ts";
import { checkReceipt } from "./receipt-check.ts";
import type { Run } from "./run.ts";
import { call } from "./session.ts";

/** Reads the own log from behind `last` up to the head, verifies it and adopts what the current epoch opens. */
export function* adoptRecords(
  ctx: Context,
  run: Run,
  pairing: Pairing,
  last: LastReceipt,
  head: DeviceHead,
): Flow<void> {
  let tail: LastReceipt = last;
  let unknownStarts = false;
  while (tail.number < head.number) {
    const path = `/v1/devices/${pairing.device}/records?after=${tail.number}`;
    const answer = yield* call(run, pairing, "GET", path);
    if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
    const { records } = readRecordPage(answer.body);
    if (records.length === 0) throw broken("a log that ends before its head");
    for (const record of records) {
      const step = yield* adoptRecord(ctx, run, pairing, tail, record);
      tail = step.receipt;
      unknownStarts ||= !step.isOwnStart;
      putSetting(ctx.store, "receipt", tail);
    }
  }
  if (tail.hash !== head.hash) throw broken("a head that is not the last record's");
  if (unknownStarts) {
    // Once this database was rolled back; twice there are two that take turns (F-91).
    if (getSetting(ctx.store, "adopted") === true)
      throw new CoffreError("peer-cloned", "another copy of this device writes");
    putSetting(ctx.store, "adopted", true);
  }
  discardPlans(ctx, run);
  closeEpochs(ctx);
  ctx.show({ kind: "notice", code: "records-adopted", count: head.number - last.number });
}

function* adoptRecord(
  ctx: Context,
  run: Run,
  pairing: Pairing,
  before: LastReceipt,
  logged: LoggedRecord,
): Flow<{ receipt: LastReceipt; isOwnStart: boolean }> {
  const { header, headerBytes, sealedBody } = decodeRecord(logged.record);
  if (header.vault !== pairing.vault || header.device !== pairing.device) throw broken("a record of another log");
  if (header.number !== before.number + 1) throw broken("a broken chain");
  const hash: Digest = recordHash(logged.record);
  const serverKey = fromBase64(pairing.serverKey);
  const receipt = checkReceipt(logged.receipt, serverKey, pairing.vault, pairing.device, header.number, hash);
  // The server stands by this record, and it does not follow from what we have: both went back, and the logs parted.
  if (header.previousHash !== before.hash) throw forked();
  const opened = yield* perform({
    kind: "open",
    slot: recordRootSlot(header.epoch),
    context: recordContext(headerHash(headerBytes)),
    bytes: toBase64(sealedBody),
  });
  if (opened.kind === "opened" && opened.bytes !== undefined) {
    const body = decodeRecordBody(fromBase64(opened.bytes));
    adoptPlaces(ctx, run, pairing, body, header.number);
    recordAdoptedAnew(ctx, run, body);
  } else {
    // Under an epoch that was erased since: which paths it names is unknown here, so all are recorded anew.
    recordAllAgain(ctx, run, 0);
  }
  const sql = "INSERT OR REPLACE INTO record (number, state, epoch, hash, receipt, time_ms) VALUES (?, 1, ?, ?, ?, ?)";
  ctx.store.run(sql, [header.number, header.epoch, hash, logged.receipt, receipt.timeMs]);
  supersede(ctx, header.number);
  const isOwnStart = ctx.store.first("SELECT 1 FROM start WHERE id = ?", [header.startId]) !== null;
  return { receipt: { number: header.number, hash, timeMs: receipt.timeMs }, isOwnStart };
}

/** Notes where the record's chunks lie, so that they are not sent again. */
function adoptPlaces(ctx: Context, run: Run, pairing: Pairing, body: RecordBody, record: number): void {
  const { store } = ctx;
  const blobRows = new Map<number, number>();
  for (const ref of body.entries.flatMap(placesIn)) {
    const source = body.sources[ref.source];
    const sha = body.blobs[ref.blob];
    if (source === undefined || sha === undefined || source.device !== pairing.device) continue;
    let row = blobRows.get(ref.blob);
    if (row === undefined) {
      const known = store.first("SELECT id FROM blob WHERE sha = ?", [sha]);
      const sql = "INSERT INTO blob (kind, sha, size, epoch, state, record) VALUES (0, ?, 0, ?, 1, ?)";
      row = known === null ? store.run(sql, [sha, source.epoch, record]).lastId : int(known, 0);
      blobRows.set(ref.blob, row);
    }
    const { changes } = store.run(
      "INSERT OR IGNORE INTO chunk (id, digest, blob, offset, sealed, source, source_idx) VALUES (?, ?, ?, ?, ?, 0, 0)",
      [run.nextChunkId, ref.id, row, ref.offsetBytes, ref.sealedBytes],
    );
    // Files are hashed meanwhile, and number their chunks by the same counter.
    run.nextChunkId += changes;
  }
}

/** Chunks that an entry places; lists are the file's own and are made again. */
function placesIn(
  entry: Entry,
): readonly { id: string; source: number; blob: number; offsetBytes: number; sealedBytes: number }[] {
  switch (entry.kind) {
    case "file":
      return entry.chunks.kind === "inline" ? entry.chunks.refs : [];
    case "in-progress":
      return entry.refs;
    case "moved":
      return [entry.ref];
    case "folder":
    case "link":
    case "gone":
    case "checkpoint":
      return [];
  }
}

function broken(what: string): CoffreError {
  return new CoffreError("peer-log-refused", `the server gave ${what}`);
}

/** The log that the server stands by is not the one that our receipts are of (F-90). */
export function forked(): CoffreError {
  return new CoffreError("peer-forked", "the server's log is not this device's");
}

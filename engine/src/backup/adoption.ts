// Taking up records that the server has and this database does not: it was rolled back, by a power cut or from a copy, or
// a thief wrote them. Rule: adopting moves the last receipt on and has paths looked at again; it takes no place of a chunk on
// a record's word (docs/format.md F-74), and never makes an entry synced.

import { fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { recordContext } from "../format/contexts.ts";
import { decodeRecordBody } from "../format/record-body.ts";
import { decodeRecord, headerHash, recordHash } from "../format/record-header.ts";
import type { Digest } from "../ids.ts";
import { recordRootSlot } from "../keys/slots.ts";
import type { DeviceHead, LoggedRecord } from "../peer/answers.ts";
import { readRecordPage } from "../peer/answers.ts";
import { PeerTrouble, trouble } from "../peer/exchange.ts";
import { orNull } from "../restore/record-check.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { perform } from "../runtime/flow.ts";
import type { LastReceipt, Pairing } from "../store/settings.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { recordAdoptedAnew } from "./adopted-paths.ts";
import { closeEpochs } from "./epochs.ts";
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
  const damaged = new Set(head.damagedRecords);
  while (tail.number < head.number) {
    const path = `/v1/devices/${pairing.device}/records?after=${tail.number}`;
    const answer = yield* call(run, pairing, "GET", path);
    if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
    const { records } = readRecordPage(answer.body);
    if (records.length === 0) {
      tail = adoptLostEnd(ctx, run, tail, head);
      break;
    }
    for (const record of records) {
      tail = yield* adoptRecord(ctx, run, pairing, tail, record, damaged);
      putSetting(ctx.store, "receipt", tail);
    }
  }
  if (tail.hash !== head.hash) throw broken("a head that is not the last record's");
  discardPlans(ctx, run);
  closeEpochs(ctx);
  ctx.show({ kind: "notice", code: "records-adopted", count: head.number - last.number });
  // Once this database was rolled back; twice there are two that take turns. Start ids show accidents and no thieves: they
  // stand in the clear and in a copied home (F-91).
  if (getSetting(ctx.store, "adopted") === true) {
    throw new CoffreError("peer-cloned", "another copy of this device writes");
  }
  putSetting(ctx.store, "adopted", true);
}

/** Whether there are records between these two, and the server calls each of them damaged (docs/protocol.md P-32). */
function isHole(damaged: ReadonlySet<number>, after: number, before: number): boolean {
  if (before - after - 1 > damaged.size) return false;
  for (let number = after + 1; number < before; number++) if (!damaged.has(number)) return false;
  return before > after + 1;
}

/** The last records are damaged: the head's receipt, which was verified, is all that is left of them. */
function adoptLostEnd(ctx: Context, run: Run, { number, timeMs }: LastReceipt, head: DeviceHead): LastReceipt {
  if (!isHole(new Set(head.damagedRecords), number, head.number + 1)) throw broken("a log that ends before its head");
  recordAllAgain(ctx, run, 0);
  const sql = "INSERT OR REPLACE INTO record (number, state, epoch, hash, receipt, time_ms) VALUES (?, 1, 0, ?, ?, ?)";
  ctx.store.run(sql, [head.number, head.hash, head.receipt, timeMs]);
  supersede(ctx, head.number);
  const receipt = { number: head.number, hash: head.hash, timeMs };
  putSetting(ctx.store, "receipt", receipt);
  return receipt;
}

function* adoptRecord(
  ctx: Context,
  run: Run,
  pairing: Pairing,
  before: LastReceipt,
  logged: LoggedRecord,
  damaged: ReadonlySet<number>,
): Flow<LastReceipt> {
  const { header, headerBytes, sealedBody } = decodeRecord(logged.record);
  if (header.vault !== pairing.vault || header.device !== pairing.device) throw broken("a record of another log");
  const isNext = header.number === before.number + 1;
  if (!isNext && !isHole(damaged, before.number, header.number)) throw broken("a broken chain");
  const hash: Digest = recordHash(logged.record);
  const serverKey = fromBase64(pairing.serverKey);
  const receipt = checkReceipt(logged.receipt, serverKey, pairing.vault, pairing.device, header.number, hash);
  // The server stands by this record, and it does not follow from what we have: both went back, and the logs parted.
  if (isNext && header.previousHash !== before.hash) throw forked();
  // What the damaged records before it named is unknown here.
  if (!isNext) recordAllAgain(ctx, run, 0);
  const opened = yield* perform({
    kind: "open",
    slot: recordRootSlot(header.epoch),
    context: recordContext(headerHash(headerBytes)),
    bytes: toBase64(sealedBody),
  });
  const bytes = opened.kind === "opened" ? opened.bytes : undefined;
  const body = bytes === undefined ? null : orNull(() => decodeRecordBody(fromBase64(bytes)));
  // Under an epoch that was erased since, or malformed: which paths it names is unknown, so all are recorded anew.
  if (body === null) recordAllAgain(ctx, run, 0);
  else recordAdoptedAnew(ctx, run, body);
  const sql = "INSERT OR REPLACE INTO record (number, state, epoch, hash, receipt, time_ms) VALUES (?, 1, ?, ?, ?, ?)";
  ctx.store.run(sql, [header.number, header.epoch, hash, logged.receipt, receipt.timeMs]);
  supersede(ctx, header.number);
  return { number: header.number, hash, timeMs: receipt.timeMs };
}

function broken(what: string): CoffreError {
  return new CoffreError("peer-log-refused", `the server gave ${what}`);
}

/** The log that the server stands by is not the one that our receipts are of (F-90). */
export function forked(): CoffreError {
  return new CoffreError("peer-forked", "the server's log is not this device's");
}

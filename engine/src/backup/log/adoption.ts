// Taking up records that the server has and this database does not: it was rolled back, by a power cut or from a copy, or
// a thief wrote them. Rule: adopting moves the last receipt on and has paths looked at again; it takes no place of a chunk on
// a record's word (docs/format.md F-74), and never makes an entry synced.

import { fromBase64, toBase64 } from "../../bytes.ts";
import { CoffreError } from "../../errors.ts";
import { recordContext } from "../../format/contexts.ts";
import { formatName, formatPath } from "../../format/path.ts";
import { decodeRecordBody, type RecordBody } from "../../format/record-body.ts";
import { decodeRecord, headerHash, recordHash } from "../../format/record-header.ts";
import type { Digest } from "../../ids.ts";
import { recordRootSlot } from "../../keys/slots.ts";
import type { DeviceHead, LoggedRecord } from "../../peer/answers.ts";
import { readRecordPage } from "../../peer/answers.ts";
import { PeerTrouble, trouble } from "../../peer/exchange.ts";
import { orNull } from "../../restore/index/record-check.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { perform } from "../../runtime/flow.ts";
import type { LastReceipt, Pairing } from "../../store/settings.ts";
import { getSetting, putSetting } from "../../store/settings.ts";
import { recordAllAgain, recordSetAnew } from "../record/record-end.ts";
import type { Run } from "../run.ts";
import { discardPlans } from "../send/planner.ts";
import { call } from "../session.ts";
import { entryAt, inOrBelow } from "../tables/entry-sets.ts";
import { closeEpochs } from "../tables/epoch-rows.ts";
import { addAdopted } from "../tables/record-rows.ts";
import { findRoot } from "../tables/root-rows.ts";
import { checkReceipt } from "./receipt-check.ts";

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
  closeEpochs(ctx.store);
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
  const receipt = { number: head.number, hash: head.hash, timeMs };
  addAdopted(ctx.store, receipt, 0, head.receipt);
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
  else recordNamedAnew(ctx, run, body);
  const last = { number: header.number, hash, timeMs: receipt.timeMs };
  addAdopted(ctx.store, last, header.epoch, logged.receipt);
  return last;
}

/**
 * What this older database knows of the paths that the record names is not the newest any more: they are recorded anew even where
 * nothing seems to have changed, and so is everything below one that it calls gone. The log's last word counts, not the phone's
 * memory.
 */
function recordNamedAnew(ctx: Context, run: Run, body: RecordBody): void {
  const roots = body.roots.map((name) => findRoot(ctx.store, name));
  for (const entry of body.entries) {
    if (!("root" in entry)) continue;
    const root = roots[entry.root] ?? null;
    if (root === null) continue;
    const last = entry.path.at(-1);
    // A root's own entry has no name.
    const name = last === undefined ? "" : formatName(last);
    recordSetAnew(ctx, run, entryAt(root, formatPath(entry.path.slice(0, -1)), name), null);
    if (entry.kind === "gone") recordSetAnew(ctx, run, inOrBelow(root, formatPath(entry.path)), null);
  }
}

function broken(what: string): CoffreError {
  return new CoffreError("peer-log-refused", `the server gave ${what}`);
}

/** The log that the server stands by is not the one that our receipts are of (F-90). */
export function forked(): CoffreError {
  return new CoffreError("peer-forked", "the server's log is not this device's");
}

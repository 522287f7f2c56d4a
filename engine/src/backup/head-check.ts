// The comparison that begins each run: our last receipt against the server's head (docs/format.md F-90, F-91).
//
//   equal ─▶ open        ahead ─▶ adopt own records ─▶ open (a second time: cloned, stop)
//   behind ─▶ wait again, ask for all blobs, record anew ─▶ open        same number, other hash ─▶ forked, stop
//                                                                       ahead, and not of ours ─▶ forked, stop
// Receipts of records that are not shown stay until newer ones stand, so that a head that nobody signed costs nothing.
// Rule: a database that is older than the server's log, or newer, is a named state, never a guess.

import { fromBase64 } from "../bytes.ts";
import type { BlobId, Digest } from "../ids.ts";
import { storedId, ZERO_DIGEST } from "../ids.ts";
import type { DeviceHead } from "../peer/answers.ts";
import { readDeviceHead, readMissing } from "../peer/answers.ts";
import { PeerTrouble, trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { LastReceipt, Pairing } from "../store/settings.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { int, str } from "../store/store.ts";
import { adoptRecords, forked } from "./adoption.ts";
import { answerDamage, forgetAnswers } from "./damaged-log.ts";
import { compareEnvelopes } from "./envelope-check.ts";
import { closeEpochs, hasEpochSecrets, newestEpoch, resendEnvelopes } from "./epochs.ts";
import { loseBlobs, recordAllAgain } from "./lost-blobs.ts";
import { isSetAside, setAside, takeUpAgain } from "./lost-records.ts";
import { discardPlans } from "./planner.ts";
import { checkReceipt } from "./receipt-check.ts";
import { unfreeze } from "./record-rows.ts";
import type { Run } from "./run.ts";
import { call } from "./session.ts";
import { forgetNames } from "./unreferenced.ts";

const IDS_A_QUERY = 1_000;

/** Compares the logs and brings them together; afterwards records may be written. */
export function* checkHead(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  const answer = yield* call(run, pairing, "GET", `/v1/devices/${pairing.device}/head`);
  if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
  const head = readDeviceHead(answer.body);
  run.head = head;
  let last = getSetting(ctx.store, "receipt") ?? { number: 0, hash: ZERO_DIGEST, timeMs: 0 };
  if (head.number === last.number && (head.hash !== last.hash || hasRefusedRecord(ctx))) throw forked();
  if (head.number < last.number) fallBack(ctx, run, pairing, head, last);
  const wasRolledBack = head.epoch > newestEpoch(ctx) || !(yield* hasEpochSecrets(ctx));
  if (wasRolledBack) giveUpEpochs(ctx, run);
  if (head.number > last.number && isSetAside(ctx, head)) {
    // Its records are ours after all: the receipts stayed, and so does what they vouch for.
    dropFrozen(ctx, run);
    last = takeUpAgain(ctx, head);
  }
  if (head.number > last.number) {
    checkHeadReceipt(pairing, head);
    if (wasRolledBack || !isOurFrozenRecord(ctx, head, last)) {
      dropFrozen(ctx, run);
      yield* adoptRecords(ctx, run, pairing, last, head);
    }
  }
  if (head.damaged.length > 0 && loseBlobs(ctx, run, head.damaged) > 0) {
    ctx.show({ kind: "notice", code: "server-damaged-blobs", count: head.damaged.length });
  }
  answerDamage(ctx, run, head);
  yield* askForBlobs(ctx, run, pairing);
  yield* compareEnvelopes(ctx, run, pairing, head);
  run.log = "open";
  run.backoff.reached();
}

/** One record ahead, and one of ours was never answered: it is sent again, and its answer decides. */
function isOurFrozenRecord(ctx: Context, head: DeviceHead, last: LastReceipt): boolean {
  if (head.number !== last.number + 1) return false;
  const row = ctx.store.first("SELECT refused FROM record WHERE number = ? AND state = 0", [head.number]);
  return row !== null && int(row, 0) === 0;
}

/** True when the server refused our next record although its log ends where ours does. */
function hasRefusedRecord(ctx: Context): boolean {
  return ctx.store.first("SELECT 1 FROM record WHERE state = 0 AND refused = 1") !== null;
}

function dropFrozen(ctx: Context, run: Run): void {
  for (const row of ctx.store.all("SELECT number FROM record WHERE state = 0")) unfreeze(ctx, run, int(row, 0));
}

/** A database from before a rotation: the secrets of the epochs that it knows are erased, and what was planned under them is void. */
function giveUpEpochs(ctx: Context, run: Run): void {
  dropFrozen(ctx, run);
  discardPlans(ctx, run);
  closeEpochs(ctx);
}

function checkHeadReceipt(pairing: Pairing, head: DeviceHead): void {
  if (head.receipt === null) throw new PeerTrouble(trouble("server-not-trusted", "peer-not-trusted", null));
  const serverKey = fromBase64(pairing.serverKey);
  checkReceipt(head.receipt, serverKey, pairing.vault, pairing.device, head.number, head.hash);
}

/** The server lost our newest records: what they said waits again, and everything else is looked at again too. */
function fallBack(ctx: Context, run: Run, pairing: Pairing, head: DeviceHead, last: LastReceipt): void {
  const { store } = ctx;
  let hash: Digest = ZERO_DIGEST;
  let timeMs = 0;
  if (head.number > 0) {
    checkHeadReceipt(pairing, head);
    const row = store.first("SELECT hash, time_ms FROM record WHERE number = ? AND state = 1", [head.number]);
    if (row === null || str(row, 0) !== head.hash) throw forked();
    hash = head.hash;
    timeMs = int(row, 1);
  }
  dropFrozen(ctx, run);
  const entries = recordAllAgain(ctx, run, head.number);
  forgetNames(ctx, head.number);
  if (run.setbacks.lostRecord(last.number)) run.wasSetBack(ctx);
  setAside(ctx, head.number);
  forgetAnswers(ctx, head.number);
  putSetting(store, "receipt", head.number === 0 ? null : { number: head.number, hash, timeMs });
  resendEnvelopes(ctx, run);
  // Each blob is asked for, since the server may have lost those too.
  putSetting(store, "recheckAfter", 0);
  ctx.show({ kind: "notice", code: "server-lost-records", count: last.number - head.number });
  ctx.show({ kind: "notice", code: "entries-wait-again", count: entries });
}

/** Asks the server which of our blobs it lacks, a thousand at a time; a restart goes on where this was. */
function* askForBlobs(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  const { store } = ctx;
  for (;;) {
    const after = getSetting(store, "recheckAfter");
    if (after === null) return;
    const rows = store.all(`SELECT id, sha FROM blob WHERE state = 1 AND id > ? ORDER BY id LIMIT ${IDS_A_QUERY}`, [
      after,
    ]);
    const lastRow = rows[rows.length - 1];
    if (lastRow === undefined) {
      putSetting(store, "recheckAfter", null);
      return;
    }
    const ids: BlobId[] = rows.map((row) => storedId<BlobId>(str(row, 1)));
    const answer = yield* call(run, pairing, "POST", "/v1/blobs/missing", { ids });
    if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
    loseBlobs(ctx, run, readMissing(answer.body));
    putSetting(store, "recheckAfter", int(lastRow, 0));
  }
}

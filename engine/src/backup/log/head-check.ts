// The comparison that begins each run: our last receipt against the server's head (docs/format.md F-90, F-91).
//
//   equal ─▶ open        ahead ─▶ adopt own records ─▶ open (a second time: cloned, stop)
//   behind ─▶ wait again, ask for all blobs, record anew ─▶ open        same number, other hash ─▶ forked, stop
//                                                                       ahead, and not of ours ─▶ forked, stop
// Receipts of records that are not shown stay until newer ones stand, so that a head that nobody signed costs nothing.
// Rule: a database that is older than the server's log, or newer, is a named state, never a guess.

import { fromBase64 } from "../../bytes.ts";
import { ZERO_DIGEST } from "../../ids.ts";
import type { DeviceHead } from "../../peer/answers.ts";
import { readDeviceHead, readMissing } from "../../peer/answers.ts";
import { PeerTrouble, trouble } from "../../peer/exchange.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import type { LastReceipt, Pairing } from "../../store/settings.ts";
import { getSetting, putSetting } from "../../store/settings.ts";
import { dropFrozen, recordAllAgain } from "../record/record-end.ts";
import type { Run } from "../run.ts";
import { discardPlans } from "../send/planner.ts";
import { call } from "../session.ts";
import { forgetNames, storedAfter } from "../tables/blob-rows.ts";
import { closeEpochs, newestEpoch, resendEnvelopes } from "../tables/epoch-rows.ts";
import {
  findSetAside,
  forgetAnswered,
  hasRefused,
  isUnanswered,
  readReceipted,
  setAside,
  takeUpAgain,
} from "../tables/record-rows.ts";
import { adoptRecords, forked } from "./adoption.ts";
import { answerDamage } from "./damaged-log.ts";
import { compareEnvelopes } from "./envelope-check.ts";
import { hasEpochSecrets } from "./epochs.ts";
import { loseBlobs } from "./lost-blobs.ts";
import { checkReceipt } from "./receipt-check.ts";

/** Compares the logs and brings them together; afterwards records may be written. */
export function* checkHead(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  const answer = yield* call(run, pairing, "GET", `/v1/devices/${pairing.device}/head`);
  if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
  const head = readDeviceHead(answer.body);
  run.head = head;
  let last = getSetting(ctx.store, "receipt") ?? { number: 0, hash: ZERO_DIGEST, timeMs: 0 };
  if (head.number === last.number && (head.hash !== last.hash || hasRefused(ctx.store))) throw forked();
  if (head.number < last.number) fallBack(ctx, run, pairing, head, last);
  const wasRolledBack = head.epoch > newestEpoch(ctx.store) || !(yield* hasEpochSecrets(ctx));
  if (wasRolledBack) giveUpEpochs(ctx, run);
  const setAsideHead = head.number > last.number ? findSetAside(ctx.store, head.number, head.hash) : null;
  if (setAsideHead !== null) {
    // Its records are ours after all: the receipts stayed, and so does what they vouch for.
    dropFrozen(ctx, run);
    takeUpAgain(ctx.store, head.number);
    putSetting(ctx.store, "receipt", setAsideHead);
    last = setAsideHead;
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
  return head.number === last.number + 1 && isUnanswered(ctx.store, head.number);
}

/** A database from before a rotation: the secrets of the epochs that it knows are erased, and what was planned under them is void. */
function giveUpEpochs(ctx: Context, run: Run): void {
  dropFrozen(ctx, run);
  discardPlans(ctx, run);
  closeEpochs(ctx.store);
}

function checkHeadReceipt(pairing: Pairing, head: DeviceHead): void {
  if (head.receipt === null) throw new PeerTrouble(trouble("server-not-trusted", "peer-not-trusted", null));
  const serverKey = fromBase64(pairing.serverKey);
  checkReceipt(head.receipt, serverKey, pairing.vault, pairing.device, head.number, head.hash);
}

/** The server lost our newest records: what they said waits again, and everything else is looked at again too. */
function fallBack(ctx: Context, run: Run, pairing: Pairing, head: DeviceHead, last: LastReceipt): void {
  const { store } = ctx;
  let receipt: LastReceipt | null = null;
  if (head.number > 0) {
    checkHeadReceipt(pairing, head);
    receipt = readReceipted(store, head.number);
    if (receipt?.hash !== head.hash) throw forked();
  }
  dropFrozen(ctx, run);
  const entries = recordAllAgain(ctx, run, head.number);
  forgetNames(store, head.number);
  if (run.setbacks.lostRecord(last.number)) run.wasSetBack(ctx);
  setAside(store, head.number);
  forgetAnswered(store, head.number);
  putSetting(store, "receipt", receipt);
  run.setbacks.lostEnvelopes(resendEnvelopes(store));
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
    const blobs = storedAfter(store, after);
    const lastBlob = blobs.at(-1);
    if (lastBlob === undefined) {
      putSetting(store, "recheckAfter", null);
      return;
    }
    const ids = blobs.map(({ sha }) => sha);
    const answer = yield* call(run, pairing, "POST", "/v1/blobs/missing", { ids });
    if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
    loseBlobs(ctx, run, readMissing(answer.body));
    putSetting(store, "recheckAfter", lastBlob.id);
  }
}

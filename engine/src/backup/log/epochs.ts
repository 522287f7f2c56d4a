// Epochs: making them, sending their envelopes, ending them (docs/format.md §5). Rule: the envelope's bytes are in the
// database before they are first sent, and E_n is erased only when nothing sealed under it waits for a receipt.

import type { EffectBody } from "../../border/effects.ts";
import { fromBase64, toBase64 } from "../../bytes.ts";
import { exportRootTo } from "../../crypto/hpke.ts";
import { INFO } from "../../crypto/vault-keys.ts";
import { invariant } from "../../errors.ts";
import { epochContext } from "../../format/contexts.ts";
import { encodeEnvelope, envelopeHash } from "../../format/envelope.ts";
import { signPayload } from "../../format/signed.ts";
import { chunkRootSlot, epochSlot, readSlot, recordRootSlot, SLOT, slotAbsent } from "../../keys/slots.ts";
import { classify, PeerTrouble, trouble } from "../../peer/exchange.ts";
import { UPLOAD_TIMEOUT_MS } from "../../peer/timeouts.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { perform } from "../../runtime/flow.ts";
import { getSetting, type Pairing, putSetting } from "../../store/settings.ts";
import type { Run } from "../run.ts";
import { discardPlans } from "../send/planner.ts";
import { noteFailure } from "../session.ts";
import { storedUnder } from "../tables/blob-rows.ts";
import {
  addEpoch,
  type CurrentEpoch,
  currentEpoch,
  hasUnsentEnvelope,
  markErased,
  markRefused,
  markSent,
  newestEpoch,
  newestErased,
  newestOpenEpoch,
  nextUnsent,
} from "../tables/epoch-rows.ts";
import { loseBlobs } from "./lost-blobs.ts";

export const EPOCH_BYTES = 16_000_000_000;
export const EPOCH_MS: number = 7 * 86_400_000;
const HPKE_ENTROPY_BYTES = 64;
/** True when the epoch should end (F-40). */
export function isRotationDue(epoch: CurrentEpoch, run: Run, now: number): boolean {
  return run.rotateWanted || epoch.bytes >= EPOCH_BYTES || now - epoch.startedMs >= EPOCH_MS;
}

/** Sends what is unsent, or opens the next epoch. The caller has seen to it that nothing is in flight (F-42). */
export function pumpEpochs(ctx: Context, run: Run): void {
  const { pairing } = run;
  if (pairing === null || run.epochInFlight) return;
  run.epochInFlight = true;
  const ended = (): void => {
    run.epochInFlight = false;
  };
  ctx.start(openEpoch(ctx, run, pairing), ended, (error) => {
    ended();
    noteFailure(ctx, run, error);
  });
}

function* openEpoch(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  const { store } = ctx;
  if (!hasUnsentEnvelope(store)) yield* makeEnvelope(ctx, run, pairing);
  for (;;) {
    const unsent = nextUnsent(store);
    if (unsent === null) {
      if (currentEpoch(store) !== null) break;
      yield* makeEnvelope(ctx, run, pairing);
      continue;
    }
    const { number, envelope } = unsent;
    if (yield* sendEnvelope(run, pairing, number, envelope)) {
      markSent(store, number);
      // What the server has just answered to have need not be compared at once.
      if (getSetting(store, "envelopesComparedMs") === null) putSetting(store, "envelopesComparedMs", ctx.now);
      continue;
    }
    markRefused(store, number);
    loseEpoch(ctx, run, number);
    if (!hasUnsentEnvelope(store)) yield* makeEnvelope(ctx, run, pairing);
  }
  run.wantRotation(ctx, false);
  yield* eraseOldEpochs(ctx);
}

/** Nobody can open what was sealed under an epoch that the server knows otherwise: its files are read and sealed again. */
function loseEpoch(ctx: Context, run: Run, number: number): void {
  discardPlans(ctx, run);
  loseBlobs(ctx, run, storedUnder(ctx.store, number));
}

/** Makes E_n and its envelope, under the number behind all that we or the server know. */
function* makeEnvelope(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  // What the server did not take under the last epoch is planned anew under this one.
  discardPlans(ctx, run);
  const number = Math.max(newestEpoch(ctx.store), run.head?.epoch ?? 0) + 1;
  const slot = epochSlot(number);
  yield* perform({ kind: "secret", op: "make", slot, storage: "device" });
  yield* derive(slot, INFO.chunkRoot, chunkRootSlot(number));
  yield* derive(slot, INFO.recordRoot, recordRootSlot(number));
  const context = epochContext(pairing.vault, pairing.device, number);
  const { enc, root } = exportRootTo(fromBase64(pairing.vaultKemKey), context, ctx.entropy.draw(HPKE_ENTROPY_BYTES));
  const bytes = toBase64(root);
  root.fill(0);
  yield* perform({ kind: "secret", op: "write", slot: SLOT.hpke, storage: "memory", bytes });
  const sealed = yield* perform({ kind: "seal", slot: SLOT.hpke, context, fromSlot: slot });
  yield* perform({ kind: "secret", op: "erase", slot: SLOT.hpke, storage: "memory" });
  const seed = yield* readSlot(SLOT.deviceSign, "device");
  if (sealed.kind === "absent") throw slotAbsent();
  const payload = encodeEnvelope({
    vault: pairing.vault,
    device: pairing.device,
    number,
    enc,
    sealed: fromBase64(sealed.bytes),
  });
  const envelope = signPayload("epoch", payload, seed);
  seed.fill(0);
  addEpoch(ctx.store, number, envelope, envelopeHash(envelope), ctx.now);
}

function* derive(from: string, hkdf: string, to: string): Flow<void> {
  const storage = "device";
  const derived = yield* perform({ kind: "derive", from: { slot: from }, how: { hkdf }, to: { slot: to, storage } });
  invariant(derived.kind === "derived", "a root could not be derived from its epoch");
}

/** PUTs an envelope; false when the server holds another one under this number (F-41). */
function* sendEnvelope(run: Run, pairing: Pairing, number: number, envelope: Uint8Array): Flow<boolean> {
  const { token } = run;
  if (token === null) throw new PeerTrouble(trouble("server-error", "peer-error", null));
  run.counters.requests += 1;
  const body: EffectBody & { kind: "upload" } = {
    kind: "upload",
    server: pairing.server,
    method: "PUT",
    path: `/v1/devices/${pairing.device}/epochs/${number}`,
    bearer: token,
    roots: [],
    seals: [],
    key: null,
    parts: [{ bytes: toBase64(envelope) }],
    timeoutMs: UPLOAD_TIMEOUT_MS,
  };
  const exchange = classify(yield* perform(body));
  if (exchange.kind === "ok") {
    if (run.setbacks.tookEnvelope()) run.backoff.reached();
    return true;
  }
  if (exchange.kind === "problem" && exchange.code === "epoch-differs") return false;
  if (exchange.kind === "unauthorized" && run.token === token) run.token = null;
  if (exchange.kind === "trouble") throw new PeerTrouble(exchange);
  throw new PeerTrouble(trouble("server-error", "peer-error", null));
}

/** Whether the secrets of the newest epoch are there: a copy of the database outlives them. */
export function* hasEpochSecrets(ctx: Context): Flow<boolean> {
  const newest = newestOpenEpoch(ctx.store);
  if (newest === null) return true;
  for (const slot of [chunkRootSlot(newest), recordRootSlot(newest)]) {
    const to = { slot: SLOT.probe, storage: "memory" } as const;
    const probe = yield* perform({ kind: "derive", from: { slot }, how: { hkdf: INFO.recordRoot }, to });
    if (probe.kind === "absent") return false;
  }
  yield* perform({ kind: "secret", op: "erase", slot: SLOT.probe, storage: "memory" });
  return true;
}

/** Erases the secrets of all epochs but the newest; the caller's barrier holds: every record has its receipt. */
function* eraseOldEpochs(ctx: Context): Flow<void> {
  const { store } = ctx;
  const current = currentEpoch(store);
  if (current === null) return;
  for (let number = newestErased(store) + 1; number < current.number; number++) {
    for (const slot of [epochSlot(number), chunkRootSlot(number), recordRootSlot(number)]) {
      yield* perform({ kind: "secret", op: "erase", slot, storage: "device" });
    }
    markErased(store, number);
  }
}

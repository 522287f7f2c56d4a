// Epochs: making them, sending their envelopes, ending them (docs/format.md §5). Rule: the envelope's bytes are in the
// database before they are first sent, and E_n is erased only when nothing sealed under it waits for a receipt.

import type { EffectBody } from "../border/effects.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { exportRootTo } from "../crypto/hpke.ts";
import { INFO } from "../crypto/vault-keys.ts";
import { invariant } from "../errors.ts";
import { epochContext } from "../format/contexts.ts";
import { encodeEnvelope, envelopeHash } from "../format/envelope.ts";
import { signPayload } from "../format/signed.ts";
import type { BlobId, Digest } from "../ids.ts";
import { storedId } from "../ids.ts";
import { chunkRootSlot, epochSlot, readSlot, recordRootSlot, SLOT, slotAbsent } from "../keys/slots.ts";
import { classify, PeerTrouble, trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { perform } from "../runtime/flow.ts";
import { getSetting, type Pairing, putSetting } from "../store/settings.ts";
import { blob, int, str } from "../store/store.ts";
import { loseBlobs } from "./lost-blobs.ts";
import { discardPlans } from "./planner.ts";
import type { Run } from "./run.ts";
import { noteFailure, REQUEST_TIMEOUT_MS } from "./session.ts";

export const EPOCH_BYTES = 16_000_000_000;
export const EPOCH_MS: number = 7 * 86_400_000;
const HPKE_ENTROPY_BYTES = 64;
/**
 * Epoch states as the table holds them: `made` waits to be sent, and `stored` is on the server. Nothing is sealed any more under
 * one that is `closing` (to be sent all the same, for stored blobs may need it) or `closed` (sent). `refused` is not ours: the
 * server has another one of that number.
 */
const EPOCH_STATE = { made: 0, stored: 1, refused: 2, closing: 3, closed: 4 } as const;
const UNSENT = `state IN (${EPOCH_STATE.made}, ${EPOCH_STATE.closing})`;

export interface CurrentEpoch {
  readonly number: number;
  readonly hash: Digest;
  readonly startedMs: number;
  readonly bytes: number;
}

/** The epoch under which is sealed now; null when the server has none that is open. */
export function currentEpoch(ctx: Context): CurrentEpoch | null {
  const sql = `SELECT number, hash, started_ms, bytes FROM epoch WHERE state = ${EPOCH_STATE.stored} AND erased = 0
    ORDER BY number DESC LIMIT 1`;
  const row = ctx.store.first(sql);
  if (row === null) return null;
  return { number: int(row, 0), hash: storedId(str(row, 1)), startedMs: int(row, 2), bytes: int(row, 3) };
}

/** The highest number that this database knows; 0 when there is none. */
export function newestEpoch(ctx: Context): number {
  return int(ctx.store.first("SELECT coalesce(max(number), 0) FROM epoch") ?? [0], 0);
}

/** True when the epoch should end (F-40). */
export function isRotationDue(epoch: CurrentEpoch, run: Run, now: number): boolean {
  return run.rotateWanted || epoch.bytes >= EPOCH_BYTES || now - epoch.startedMs >= EPOCH_MS;
}

/** All envelopes are to be sent again: the server lost some. */
export function resendEnvelopes(ctx: Context, run: Run): void {
  const open = ctx.store.run(`UPDATE epoch SET state = ${EPOCH_STATE.made} WHERE state = ${EPOCH_STATE.stored}`);
  const closed = ctx.store.run(`UPDATE epoch SET state = ${EPOCH_STATE.closing} WHERE state = ${EPOCH_STATE.closed}`);
  run.setbacks.lostEnvelopes(open.changes + closed.changes);
}

/** One envelope is to be sent again; false when it is not one that the server was sent. */
export function resendEnvelope(ctx: Context, number: number): boolean {
  const open = `UPDATE epoch SET state = ${EPOCH_STATE.made} WHERE state = ${EPOCH_STATE.stored} AND number = ?`;
  const closed = `UPDATE epoch SET state = ${EPOCH_STATE.closing} WHERE state = ${EPOCH_STATE.closed} AND number = ?`;
  return ctx.store.run(open, [number]).changes + ctx.store.run(closed, [number]).changes > 0;
}

/** The hashes of all envelopes that the server answered that it has, by number. */
export function sentEnvelopes(ctx: Context): Map<number, Digest> {
  const sql = `SELECT number, hash FROM epoch WHERE state IN (${EPOCH_STATE.stored}, ${EPOCH_STATE.closed})`;
  return new Map(ctx.store.all(sql).map((row) => [int(row, 0), storedId(str(row, 1))]));
}

/** True when an envelope waits to be sent. */
export function hasUnsentEnvelope(ctx: Context): boolean {
  return ctx.store.first(`SELECT 1 FROM epoch WHERE ${UNSENT} LIMIT 1`) !== null;
}

/** Sends what is unsent, or opens the next epoch. The caller has seen to it that nothing is in flight (F-42). */
export function pumpEpochs(ctx: Context, run: Run, pairing: Pairing): void {
  if (run.epochInFlight) return;
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
  if (!hasUnsentEnvelope(ctx)) yield* makeEnvelope(ctx, run, pairing);
  for (;;) {
    const row = ctx.store.first(`SELECT number, envelope, state FROM epoch WHERE ${UNSENT} ORDER BY number LIMIT 1`);
    if (row === null) {
      if (currentEpoch(ctx) !== null) break;
      yield* makeEnvelope(ctx, run, pairing);
      continue;
    }
    const number = int(row, 0);
    const isStored = yield* sendEnvelope(run, pairing, number, blob(row, 1));
    const sent = int(row, 2) === EPOCH_STATE.made ? EPOCH_STATE.stored : EPOCH_STATE.closed;
    ctx.store.run("UPDATE epoch SET state = ? WHERE number = ?", [isStored ? sent : EPOCH_STATE.refused, number]);
    if (isStored) {
      // What the server has just answered to have need not be compared at once.
      if (getSetting(ctx.store, "envelopesComparedMs") === null) putSetting(ctx.store, "envelopesComparedMs", ctx.now);
      continue;
    }
    loseEpoch(ctx, run, number);
    if (!hasUnsentEnvelope(ctx)) yield* makeEnvelope(ctx, run, pairing);
  }
  run.wantRotation(ctx, false);
  yield* eraseOldEpochs(ctx);
}

/** Nobody can open what was sealed under an epoch that the server knows otherwise: its files are read and sealed again. */
function loseEpoch(ctx: Context, run: Run, number: number): void {
  discardPlans(ctx, run);
  const rows = ctx.store.all("SELECT sha FROM blob WHERE epoch = ? AND state = 1", [number]);
  loseBlobs(
    ctx,
    run,
    rows.map((row) => storedId<BlobId>(str(row, 0))),
  );
}

/** Makes E_n and its envelope, under the number behind all that we or the server know. */
function* makeEnvelope(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  // What the server did not take under the last epoch is planned anew under this one.
  discardPlans(ctx, run);
  const number = Math.max(newestEpoch(ctx), run.head?.epoch ?? 0) + 1;
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
  ctx.store.run("INSERT INTO epoch (number, envelope, hash, state, started_ms, bytes) VALUES (?, ?, ?, ?, ?, 0)", [
    number,
    envelope,
    envelopeHash(envelope),
    EPOCH_STATE.made,
    ctx.now,
  ]);
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
    timeoutMs: REQUEST_TIMEOUT_MS,
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

/** Nothing is sealed any more under any epoch so far: a database that was rolled back may name one whose secret is gone. */
export function closeEpochs(ctx: Context): void {
  ctx.store.run(`UPDATE epoch SET state = ${EPOCH_STATE.closed} WHERE state = ${EPOCH_STATE.stored}`);
  ctx.store.run(`UPDATE epoch SET state = ${EPOCH_STATE.closing} WHERE state = ${EPOCH_STATE.made}`);
}

/** Whether the secrets of the newest epoch are there: a copy of the database outlives them. */
export function* hasEpochSecrets(ctx: Context): Flow<boolean> {
  const newest = ctx.store.first(
    `SELECT number FROM epoch WHERE state IN (${EPOCH_STATE.made}, ${EPOCH_STATE.stored}) ORDER BY number DESC LIMIT 1`,
  );
  if (newest === null) return true;
  for (const slot of [chunkRootSlot(int(newest, 0)), recordRootSlot(int(newest, 0))]) {
    const to = { slot: SLOT.probe, storage: "memory" } as const;
    const probe = yield* perform({ kind: "derive", from: { slot }, how: { hkdf: INFO.recordRoot }, to });
    if (probe.kind === "absent") return false;
  }
  yield* perform({ kind: "secret", op: "erase", slot: SLOT.probe, storage: "memory" });
  return true;
}

/** Erases the secrets of all epochs but the newest; the caller's barrier holds: every record has its receipt. */
function* eraseOldEpochs(ctx: Context): Flow<void> {
  const current = currentEpoch(ctx);
  if (current === null) return;
  const sql = "SELECT coalesce(max(number), 0) FROM epoch WHERE erased = 1";
  for (let number = int(ctx.store.first(sql) ?? [0], 0) + 1; number < current.number; number++) {
    for (const slot of [epochSlot(number), chunkRootSlot(number), recordRootSlot(number)]) {
      yield* perform({ kind: "secret", op: "erase", slot, storage: "device" });
    }
    ctx.store.run("UPDATE epoch SET erased = 1 WHERE number = ?", [number]);
  }
}

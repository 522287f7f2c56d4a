// Epochs: making them, sending their envelopes, ending them (docs/format.md §5). Rule: the envelope's bytes are in the
// database before they are first sent, and E_n is erased only when nothing sealed under it waits for a receipt.

import type { EffectBody } from "../border/effects.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { exportRootTo } from "../crypto/hpke.ts";
import { INFO } from "../crypto/vault-keys.ts";
import { CoffreError, invariant } from "../errors.ts";
import { epochContext } from "../format/contexts.ts";
import { encodeEnvelope, envelopeHash } from "../format/envelope.ts";
import { signPayload } from "../format/signed.ts";
import type { Digest } from "../ids.ts";
import { parseDigest } from "../ids.ts";
import { classify, PeerTrouble, trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { perform } from "../runtime/flow.ts";
import type { Pairing } from "../store/settings.ts";
import { blob, int, str } from "../store/store.ts";
import type { Run } from "./run.ts";
import { DEVICE_SIGN_SLOT, noteFailure, REQUEST_TIMEOUT_MS } from "./session.ts";

export const EPOCH_BYTES = 16_000_000_000;
export const EPOCH_MS: number = 7 * 86_400_000;
const HPKE_SLOT = "hpke";
/** Takes what is derived only to see whether there is something to derive from. */
const PROBE_SLOT = "probe";
const HPKE_ENTROPY_BYTES = 64;
/** Epoch states as the table holds them. A refused one is kept, for its number was sent. */
const EPOCH_STATE = { made: 0, stored: 1, refused: 2 } as const;

export function epochSlot(number: number): string {
  return `epoch.${number}`;
}

export function chunkRootSlot(number: number): string {
  return `epoch.${number}.chunk`;
}

export function recordRootSlot(number: number): string {
  return `epoch.${number}.record`;
}

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
  return { number: int(row, 0), hash: parseDigest(str(row, 1)), startedMs: int(row, 2), bytes: int(row, 3) };
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
export function resendEnvelopes(ctx: Context): void {
  ctx.store.run(`UPDATE epoch SET state = ${EPOCH_STATE.made} WHERE state = ${EPOCH_STATE.stored}`);
}

/** True when an envelope waits to be sent. */
export function hasUnsentEnvelope(ctx: Context): boolean {
  return ctx.store.first(`SELECT 1 FROM epoch WHERE state = ${EPOCH_STATE.made} LIMIT 1`) !== null;
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
    const sql = `SELECT number, envelope FROM epoch WHERE state = ${EPOCH_STATE.made} ORDER BY number LIMIT 1`;
    const row = ctx.store.first(sql);
    if (row === null) break;
    const isStored = yield* sendEnvelope(run, pairing, int(row, 0), blob(row, 1));
    const state = isStored ? EPOCH_STATE.stored : EPOCH_STATE.refused;
    ctx.store.run("UPDATE epoch SET state = ? WHERE number = ?", [state, int(row, 0)]);
    if (!isStored && !hasUnsentEnvelope(ctx)) yield* makeEnvelope(ctx, run, pairing);
  }
  run.rotateWanted = false;
  yield* eraseOldEpochs(ctx);
}

/** Makes E_n and its envelope, under the number behind all that we or the server know. */
function* makeEnvelope(ctx: Context, run: Run, pairing: Pairing): Flow<void> {
  const number = Math.max(newestEpoch(ctx), run.head?.epoch ?? 0) + 1;
  const slot = epochSlot(number);
  yield* perform({ kind: "secret", op: "make", slot, storage: "device" });
  yield* derive(slot, INFO.chunkRoot, chunkRootSlot(number));
  yield* derive(slot, INFO.recordRoot, recordRootSlot(number));
  const context = epochContext(pairing.vault, pairing.device, number);
  const { enc, root } = exportRootTo(fromBase64(pairing.vaultKemKey), context, ctx.entropy.draw(HPKE_ENTROPY_BYTES));
  const bytes = toBase64(root);
  root.fill(0);
  yield* perform({ kind: "secret", op: "write", slot: HPKE_SLOT, storage: "memory", bytes });
  const sealed = yield* perform({ kind: "seal", slot: HPKE_SLOT, context, fromSlot: slot });
  yield* perform({ kind: "secret", op: "erase", slot: HPKE_SLOT, storage: "memory" });
  const seed = yield* perform({ kind: "secret", op: "read", slot: DEVICE_SIGN_SLOT, storage: "device" });
  if (sealed.kind === "absent" || seed.kind === "absent" || seed.bytes === undefined) {
    throw new CoffreError("host-secret-absent", "expected the epoch's and the device's secrets in their slots");
  }
  const seedBytes = fromBase64(seed.bytes);
  const payload = encodeEnvelope({
    vault: pairing.vault,
    device: pairing.device,
    number,
    enc,
    sealed: fromBase64(sealed.bytes),
  });
  const envelope = signPayload("epoch", payload, seedBytes);
  seedBytes.fill(0);
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
    run.backoff.worked();
    return true;
  }
  if (exchange.kind === "problem" && exchange.code === "epoch-differs") return false;
  if (exchange.kind === "unauthorized" && run.token === token) run.token = null;
  if (exchange.kind === "trouble") throw new PeerTrouble(exchange);
  throw new PeerTrouble(trouble("server-error", "peer-error", null));
}

/** Gives up all epochs so far: a database that was rolled back may name one whose secret is gone already. */
export function retireEpochs(ctx: Context): void {
  ctx.store.run(`UPDATE epoch SET state = ${EPOCH_STATE.refused}`);
}

/** Whether the secrets of the open epoch, and of one that waits to be sent, are there: a copy of the database outlives them. */
export function* hasEpochSecrets(ctx: Context): Flow<boolean> {
  const open = currentEpoch(ctx)?.number ?? 0;
  const sql = `SELECT number FROM epoch WHERE number >= ? AND state <> ${EPOCH_STATE.refused}`;
  for (const row of ctx.store.all(sql, [open])) {
    for (const slot of [chunkRootSlot(int(row, 0)), recordRootSlot(int(row, 0))]) {
      const to = { slot: PROBE_SLOT, storage: "memory" } as const;
      const probe = yield* perform({ kind: "derive", from: { slot }, how: { hkdf: INFO.recordRoot }, to });
      if (probe.kind === "absent") return false;
    }
  }
  yield* perform({ kind: "secret", op: "erase", slot: PROBE_SLOT, storage: "memory" });
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

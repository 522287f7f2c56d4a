// The names of the slots that pairing and restoring use (docs/format.md F-15). Rule: what opens the vault is in slots
// that are erased when the ask ends; only the device's own seeds and the dedup key stay.

import type { SlotStorage } from "../border/effects.ts";
import { fromBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { type Flow, perform } from "../runtime/flow.ts";

export const SLOT = {
  deviceSign: "device-sign",
  deviceKem: "device-kem",
  dedup: "dedup",
  stretched: "stretched",
  unlock: "unlock",
  recovery: "recovery",
  recoveryUnlock: "recovery-unlock",
  vaultSecret: "vault-secret",
  names: "names",
  hpke: "hpke",
} as const;

/** Fills a slot from another by HKDF; our own bug when the other is absent, since each flow fills it first. */
export function* deriveSlot(from: string, info: string, slot: string, storage: SlotStorage): Flow<void> {
  const answer = yield* perform({ kind: "derive", from: { slot: from }, how: { hkdf: info }, to: { slot, storage } });
  if (answer.kind !== "derived") throw absent();
}

/** The 32 bytes that HKDF gives from a slot; the caller overwrites them within the step. */
export function* deriveBytes(from: string, info: string): Flow<Uint8Array> {
  const answer = yield* perform({ kind: "derive", from: { slot: from }, how: { hkdf: info }, to: "answer" });
  if (answer.kind !== "derived" || answer.bytes === undefined) throw absent();
  return fromBase64(answer.bytes);
}

/** A slot's bytes; the caller overwrites them within the step. */
export function* readSlot(slot: string, storage: SlotStorage): Flow<Uint8Array> {
  const answer = yield* perform({ kind: "secret", op: "read", slot, storage });
  if (answer.kind !== "done" || answer.bytes === undefined) throw absent();
  return fromBase64(answer.bytes);
}

/** Makes a random slot unless it is there. */
export function* makeSlot(slot: string, storage: SlotStorage): Flow<void> {
  yield* perform({ kind: "secret", op: "make", slot, storage });
}

/** Overwrites and removes slots; absent ones are fine. */
export function* eraseSlots(slots: readonly string[], storage: SlotStorage): Flow<void> {
  for (const slot of slots) yield* perform({ kind: "secret", op: "erase", slot, storage });
}

function absent(): CoffreError {
  return new CoffreError("host-slot-absent", "expected a slot that was filled before");
}

// The slots of secrets, by name, and what is done with them (docs/format.md F-15). Rule: what opens the vault is in slots
// that are erased when the ask ends; only the device's own seeds, the dedup key and the epochs' secrets stay.

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
  /** Takes what is derived only to see whether there is something to derive from. */
  probe: "probe",
} as const;

/** Where E_n lies, the secret of epoch `number`. */
export function epochSlot(number: number): string {
  return `epoch.${number}`;
}

/** Where the root lies under which an epoch's chunks and lists are sealed. */
export function chunkRootSlot(number: number): string {
  return `epoch.${number}.chunk`;
}

/** Where the root lies under which an epoch's records are sealed. */
export function recordRootSlot(number: number): string {
  return `epoch.${number}.record`;
}

/** Fills a slot from another by HKDF; our own bug when the other is absent, since each flow fills it first. */
export function* deriveSlot(from: string, info: string, slot: string, storage: SlotStorage): Flow<void> {
  const answer = yield* perform({ kind: "derive", from: { slot: from }, how: { hkdf: info }, to: { slot, storage } });
  if (answer.kind !== "derived") throw slotAbsent();
}

/** The 32 bytes that HKDF gives from a slot; the caller overwrites them within the step. */
export function* deriveBytes(from: string, info: string): Flow<Uint8Array> {
  const answer = yield* perform({ kind: "derive", from: { slot: from }, how: { hkdf: info }, to: "answer" });
  if (answer.kind !== "derived" || answer.bytes === undefined) throw slotAbsent();
  return fromBase64(answer.bytes);
}

/** A slot's bytes; the caller overwrites them within the step. */
export function* readSlot(slot: string, storage: SlotStorage): Flow<Uint8Array> {
  const answer = yield* perform({ kind: "secret", op: "read", slot, storage });
  if (answer.kind !== "done" || answer.bytes === undefined) throw slotAbsent();
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

/** A slot that was filled before and is empty: the host lost it, or our own flow did not fill it. */
export function slotAbsent(): CoffreError {
  return new CoffreError("host-slot-absent", "expected a slot that was filled before");
}

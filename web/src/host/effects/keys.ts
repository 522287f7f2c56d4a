// `secret`, `seal`, `open`: work on slots (docs/host-api.md H-24, H-27, H-32). Rule: what is not authentic never leaves, and a
// value crosses the border only where the effect says so.

import type { Answers, EffectBody } from "coffre-engine";
import { RefusedEffect } from "../../../../host-loop/src/index.ts";
import { open, seal } from "../sealing.ts";
import type { Slots } from "../slots.ts";

const MOST_BYTES = 262_144;

/** Carries out a `secret` effect. */
export function keepSecret(slots: Slots, effect: EffectBody & { kind: "secret" }): Answers["secret"] {
  const { op, slot, storage } = effect;
  switch (op) {
    case "make":
      slots.make(slot, storage);
      return { kind: "done" };
    case "write":
      if (effect.bytes === undefined) throw new RefusedEffect("expected bytes to write");
      slots.write(slot, storage, Uint8Array.fromBase64(effect.bytes));
      return { kind: "done" };
    case "read": {
      const bytes = slots.read(slot, storage);
      return bytes === null ? { kind: "absent" } : { kind: "done", bytes: bytes.toBase64() };
    }
    case "erase":
      slots.erase(slot, storage);
      return { kind: "done" };
  }
}

/** Carries out a `seal` effect. */
export async function sealLiteral(slots: Slots, effect: EffectBody & { kind: "seal" }): Promise<Answers["seal"]> {
  const root = slots.find(effect.slot);
  const literal = effect.fromSlot === undefined ? decodeLiteral(effect.bytes ?? "") : null;
  try {
    const bytes = literal ?? slots.find(effect.fromSlot ?? "");
    if (root === null || bytes === null) return { kind: "absent" };
    return { kind: "sealed", bytes: (await seal(root, effect.context, bytes)).toBase64() };
  } finally {
    // What is in a slot is the slot's; this is ours.
    literal?.fill(0);
  }
}

/** Carries out an `open` effect. */
export async function openLiteral(slots: Slots, effect: EffectBody & { kind: "open" }): Promise<Answers["open"]> {
  const root = slots.find(effect.slot);
  if (root === null) return { kind: "absent" };
  const digestKey = effect.key === undefined ? null : slots.find(effect.key);
  if (effect.key !== undefined && digestKey === null) return { kind: "absent" };
  const opened = await open(root, digestKey, effect.context, decodeLiteral(effect.bytes));
  if (opened.kind !== "opened") return opened;
  if (effect.toSlot !== undefined) {
    slots.write(effect.toSlot.slot, effect.toSlot.storage, opened.bytes);
    return { kind: "opened" };
  }
  const bytes = opened.bytes.toBase64();
  opened.bytes.fill(0);
  return { kind: "opened", bytes };
}

function decodeLiteral(base64: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.fromBase64(base64);
  if (bytes.length > MOST_BYTES) throw new RefusedEffect(`expected at most ${MOST_BYTES} bytes, got ${bytes.length}`);
  return bytes;
}

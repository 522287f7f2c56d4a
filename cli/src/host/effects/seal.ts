// `seal` and `open`: short literals and slots (docs/host-api.md H-24). Rule: what is not authentic never leaves this
// file, and what was opened is overwritten when it has left.

import type { Answers, EffectBody } from "coffre-engine";
import { RefusedEffect } from "../../../../host-loop/src/index.ts";
import type { HashedBytes } from "../hashed-bytes.ts";
import { openInPlace, seal } from "../sealing.ts";
import type { Slots } from "../slots.ts";

const MOST_BYTES = 262_144;

/** Carries out a `seal` effect. */
export function sealLiteral(slots: Slots, effect: EffectBody & { kind: "seal" }): Answers["seal"] {
  const root = slots.find(effect.slot);
  const literal = effect.fromSlot === undefined ? decodeLiteral(effect.bytes ?? "") : null;
  try {
    const bytes = literal ?? slots.find(effect.fromSlot ?? "");
    if (root === null || bytes === null) return { kind: "absent" };
    return { kind: "sealed", bytes: seal(root, effect.context, bytes).toString("base64") };
  } finally {
    // What is in a slot is the slot's; this is ours.
    literal?.fill(0);
  }
}

/** Carries out an `open` effect. `hashed` forgets what was hashed under a slot that gets another key. */
export function openLiteral(slots: Slots, hashed: HashedBytes, effect: EffectBody & { kind: "open" }): Answers["open"] {
  const root = slots.find(effect.slot);
  if (root === null) return { kind: "absent" };
  const bytes = decodeLiteral(effect.bytes);
  try {
    const digestKey = effect.key === undefined ? null : slots.find(effect.key);
    if (effect.key !== undefined && digestKey === null) return { kind: "absent" };
    const opened = openInPlace(root, digestKey, effect.context, bytes);
    if (opened.kind !== "opened") return opened;
    if (effect.toSlot === undefined) return { kind: "opened", bytes: opened.bytes.toString("base64") };
    slots.write(effect.toSlot.slot, effect.toSlot.storage, Buffer.from(opened.bytes));
    hashed.forget(effect.toSlot.slot);
    return { kind: "opened" };
  } finally {
    bytes.fill(0);
  }
}

function decodeLiteral(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length > MOST_BYTES) throw new RefusedEffect(`expected at most ${MOST_BYTES} bytes, got ${bytes.length}`);
  return bytes;
}

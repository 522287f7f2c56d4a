// `seal` and `open`: short literals and slots (docs/host-api.md H-24). Rule: what is not authentic never leaves this file.

import type { Answers, EffectBody } from "coffre-engine";
import type { HashedBytes } from "../hashed-bytes.ts";
import { RefusedEffect } from "../host-fault.ts";
import { openInPlace, seal } from "../sealing.ts";
import type { Slots } from "../slots.ts";

const MOST_BYTES = 262_144;

/** Carries out a `seal` effect. */
export function sealLiteral(slots: Slots, effect: EffectBody & { kind: "seal" }): Answers["seal"] {
  const root = slots.find(effect.slot);
  const bytes = effect.fromSlot === undefined ? decodeLiteral(effect.bytes ?? "") : slots.find(effect.fromSlot);
  if (root === null || bytes === null) return { kind: "absent" };
  return { kind: "sealed", bytes: seal(root, effect.context, bytes).toString("base64") };
}

/** Carries out an `open` effect. `hashed` forgets what was hashed under a slot that gets another key. */
export function openLiteral(slots: Slots, hashed: HashedBytes, effect: EffectBody & { kind: "open" }): Answers["open"] {
  const root = slots.find(effect.slot);
  if (root === null) return { kind: "absent" };
  const opened = openInPlace(root, effect.context, decodeLiteral(effect.bytes));
  if (opened === null) return { kind: "not-authentic" };
  if (effect.toSlot === undefined) return { kind: "opened", bytes: opened.toString("base64") };
  slots.write(effect.toSlot.slot, effect.toSlot.storage, Buffer.from(opened));
  hashed.forget(effect.toSlot.slot);
  opened.fill(0);
  return { kind: "opened" };
}

function decodeLiteral(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length > MOST_BYTES) throw new RefusedEffect(`expected at most ${MOST_BYTES} bytes, got ${bytes.length}`);
  return bytes;
}

// The effects about keys: `seal`, `open`, `derive`, `secret` (docs/host-api.md H-24 to H-27). Rule: null means that the
// effect itself is not allowed; everything else is an answer of its kind.

import type { Answers } from "../../engine/src/border/answers.ts";
import type { EffectBody } from "../../engine/src/border/effects.ts";
import { fromBase64, toBase64 } from "./border-text.ts";
import { type BytePlane, isContext, openContent } from "./byte-plane.ts";
import { judgePassphrase } from "./passphrase-rule.ts";
import { Slots } from "./slots.ts";

type Body<K extends EffectBody["kind"]> = Extract<EffectBody, { kind: K }>;

/** What the prompt gives: the passphrase, or null when nobody enters one. */
export interface Prompt {
  passphrase: string | null;
  /** Lower-case words that are refused as too common. */
  readonly common: ReadonlySet<string>;
}

const SECRET_BYTES = 32;
const LITERAL_BYTES = 262_144;

export function runSeal(slots: Slots, plane: BytePlane, effect: Body<"seal">): Answers["seal"] | null {
  const root = slots.read(effect.slot);
  const bytes = effect.fromSlot === undefined ? fromBase64(effect.bytes ?? "") : slots.read(effect.fromSlot);
  if (root === null || bytes === null) return { kind: "absent" };
  if (!isContext(effect.context) || bytes.length > LITERAL_BYTES) return null;
  return { kind: "sealed", bytes: toBase64(plane.seal(root, effect.context, bytes)) };
}

export function runOpen(slots: Slots, plane: BytePlane, effect: Body<"open">): Answers["open"] | null {
  const root = slots.read(effect.slot);
  if (root === null) return { kind: "absent" };
  const sealed = fromBase64(effect.bytes);
  if (sealed.length > LITERAL_BYTES) return null;
  const digestKey = effect.key === undefined ? null : slots.read(effect.key);
  if (effect.key !== undefined && digestKey === null) return { kind: "absent" };
  const opened = openContent(plane, root, digestKey, effect.context, sealed);
  if (opened === null || opened.kind !== "opened") return opened;
  if (effect.toSlot === undefined) return { kind: "opened", bytes: toBase64(opened.bytes) };
  if (!Slots.isName(effect.toSlot.slot)) return null;
  slots.write(effect.toSlot.slot, effect.toSlot.storage, opened.bytes);
  return { kind: "opened" };
}

export function runDerive(
  slots: Slots,
  plane: BytePlane,
  prompt: Prompt,
  effect: Body<"derive">,
): Answers["derive"] | null {
  const { from, how, to } = effect;
  let derived: Uint8Array;
  if ("passphrase" in from) {
    if (!("argon2id" in how)) return null;
    if (prompt.passphrase === null) return { kind: "no-passphrase" };
    const weak = from.passphrase === "new" ? judgePassphrase(prompt.passphrase, prompt.common) : null;
    if (weak !== null) return { kind: "weak", reason: weak };
    const { salt, memoryKiB, passes, lanes } = how.argon2id;
    derived = plane.stretch(prompt.passphrase, { salt: fromBase64(salt), memoryKiB, passes, lanes });
  } else {
    if (!("hkdf" in how)) return null;
    const key = slots.read(from.slot);
    if (key === null) return { kind: "absent" };
    derived = plane.derive(key, how.hkdf);
  }
  if (to === "answer") return { kind: "derived", bytes: toBase64(derived) };
  if (!Slots.isName(to.slot)) return null;
  slots.write(to.slot, to.storage, derived);
  return { kind: "derived" };
}

/** `draw` gives fresh random bytes. */
export function runSecret(
  slots: Slots,
  draw: (length: number) => Uint8Array,
  effect: Body<"secret">,
): Answers["secret"] | null {
  const { op, slot, storage } = effect;
  if (!Slots.isName(slot)) return null;
  switch (op) {
    case "make":
      if (slots.readFrom(slot, storage) === null) slots.write(slot, storage, draw(SECRET_BYTES));
      return { kind: "done" };
    case "write":
      if (effect.bytes === undefined) return null;
      slots.write(slot, storage, fromBase64(effect.bytes));
      return { kind: "done" };
    case "read": {
      const bytes = slots.readFrom(slot, storage);
      return bytes === null ? { kind: "absent" } : { kind: "done", bytes: toBase64(bytes) };
    }
    case "erase":
      slots.erase(slot, storage);
      return { kind: "done" };
  }
}

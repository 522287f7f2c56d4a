// What one call of `handle` gave (docs/host-api.md H-2). Rule: only the message's frame is checked here; effects are as
// the engine made them.

import type { Effect } from "../../engine/src/border/effects.ts";
import { isBorderText } from "./border-text.ts";

export type StepOutput =
  | { readonly kind: "effects"; readonly effects: readonly Effect[]; readonly more: boolean }
  /** The step is to be thrown away. */
  | { readonly kind: "wrong"; readonly message: string };

export function readStepOutput(text: unknown): StepOutput {
  if (!isBorderText(text)) return { kind: "wrong", message: "the engine's text is not ASCII, or too long" };
  const { effects, more, fault } = JSON.parse(text) as {
    readonly effects?: readonly Effect[];
    readonly more?: boolean;
    readonly fault?: { readonly code: string; readonly message: string };
  };
  if (fault !== undefined) return { kind: "wrong", message: `${fault.code}: ${fault.message}` };
  if (!Array.isArray(effects) || typeof more !== "boolean") return { kind: "wrong", message: "no effects, or no more" };
  return { kind: "effects", effects, more };
}

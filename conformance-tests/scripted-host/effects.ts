// What a host does with each effect (docs/host-api.md 3). Rule: an effect is begun once and answered once; it may be
// stopped in between, and knows nothing of the engine.

import type { Answer } from "../../engine/src/border/answers.ts";
import type { Effect } from "../../engine/src/border/effects.ts";
import { runFinishFile } from "./finish-effect.ts";
import { runHash, runScan } from "./folder-effects.ts";
import { type Prompt, runDerive, runOpen, runSeal, runSecret } from "./key-effects.ts";
import { startDownload, startRequest, startUpload, type TransferGround } from "./transfer-effects.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Everything that effects touch. */
export interface EffectGround extends TransferGround {
  readonly clock: VirtualClock;
  readonly prompt: Prompt;
  /** Fresh random bytes. */
  readonly draw: (length: number) => Uint8Array;
}

/** Effects that the host itself answers to: they end in no answer, or in one by the clock. */
export type HostEffectKind = "wake" | "show" | "watch" | "cancel";
export type WorkEffect = Exclude<Effect, { kind: HostEffectKind }>;

/**
 * Does an effect: what is local at once, what goes over the link in virtual time. `finish` gets the answer, unless the
 * returned function is called before.
 */
export function startEffect(ground: EffectGround, effect: WorkEffect, finish: (answer: Answer) => void): () => void {
  switch (effect.kind) {
    case "request":
      return startRequest(ground, effect, finish);
    case "upload":
      return startUpload(ground, effect, finish);
    case "download":
      return startDownload(ground, effect, finish);
    case "scan":
    case "hash":
    case "seal":
    case "open":
    case "derive":
    case "secret":
    case "finish-file":
      finish(runLocal(ground, effect) ?? { kind: "failed", reason: "host-error" });
      return () => {};
  }
}

function runLocal(
  ground: EffectGround,
  effect: Exclude<WorkEffect, { kind: "request" | "upload" | "download" }>,
): Answer | null {
  const { tree, slots, plane } = ground;
  switch (effect.kind) {
    case "scan":
      return runScan(tree, effect);
    case "hash":
      return runHash(tree, slots, plane, effect);
    case "seal":
      return runSeal(slots, plane, effect);
    case "open":
      return runOpen(slots, plane, effect);
    case "derive":
      return runDerive(slots, plane, ground.prompt, effect);
    case "secret":
      return runSecret(slots, ground.draw, effect);
    case "finish-file":
      return runFinishFile(tree, effect);
  }
}

// Where a run stands, in one word. Rule: asked anew of the rows and of what the run knows, so that no two answers can disagree;
// `Backup` does in each stage what may be begun in it, and `Ending` says when a run is over.
//
//   at-rest ── asked ──▶ closed ──▶ checking ──▶ opening ──▶ sending ── settled, failed, blocked or given up ──▶ at-rest
//                          ▲  ▲                     ▲           │
//                          │  └─ draining ◀─────────┼───────────┤ a sweep begins, or the token was refused
//                          └── blocked, paused ◀────┴───────────┘ the policy, or trouble; each goes on where it was

import type { WaitingReason } from "../border/reasons.ts";
import type { Context } from "../runtime/context.ts";
import type { Run } from "./run.ts";
import { type CurrentEpoch, currentEpoch, hasUnsentEnvelope } from "./tables/epoch-rows.ts";

/**
 * `blocked`: the owner allows no sending now. `paused`: after trouble. `closed`: the heads are to be compared. `draining`: the same,
 * once the record or the envelope that is on its way was answered. `checking`: they are being compared. `opening`: the server has
 * no open epoch, or lacks an envelope. `sending`: blobs and records go.
 */
export type Stage =
  | { readonly kind: "at-rest" | "failed" | "blocked" | "paused" | "draining" | "closed" | "checking" | "opening" }
  | { readonly kind: "sending"; readonly epoch: CurrentEpoch };

/** `block`: why the policy allows no sending, null when it does. */
export function stageOf({ store, now }: Context, run: Run, block: WaitingReason | null): Stage {
  if (run.mode === null) return { kind: "at-rest" };
  if (run.failure !== null) return { kind: "failed" };
  if (block !== null) return { kind: "blocked" };
  if (run.backoff.isWaiting(now)) return { kind: "paused" };
  if (run.log === "checking") return { kind: "checking" };
  // A compared head stays true while uploads end; records are not written meanwhile.
  const isBusy = run.recordInFlight || run.epochInFlight;
  if (run.log === "closed" || run.token === null) return { kind: isBusy ? "draining" : "closed" };
  if (run.epochInFlight) return { kind: "opening" };
  const epoch = currentEpoch(store);
  return epoch === null || hasUnsentEnvelope(store) ? { kind: "opening" } : { kind: "sending", epoch };
}

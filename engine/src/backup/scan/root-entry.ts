// The entry of a root's own folder. It stands in the root's own list of names under the name '', which no listing has. Rule: it
// is recorded like any folder, and never missing or gone: a root that is not there is unavailable.

import type { WaitingReason } from "../../border/reasons.ts";
import type { Stat } from "../../border/sights.ts";
import type { Context } from "../../runtime/context.ts";
import { KIND, STATE } from "../../store/schema.ts";
import type { Run } from "../run.ts";
import { readRootEntry } from "../tables/known-entries.ts";
import { addFound, markRootChanged } from "../tables/sighted-rows.ts";
import { readRoot } from "./scanned-entry.ts";

/**
 * Has a root's mode and time recorded when they are not what they were. `folder` is the row of the root's own folder, whose
 * names were just listed to the end.
 */
export function takeRoot(ctx: Context, run: Run, folder: number, told: Stat): void {
  const { store } = ctx;
  const seen = readRoot(told);
  if (seen === null) return;
  const { mtimeS, mtimeUs, mode = null, isBeyondFormat } = seen;
  const reason: WaitingReason | null = isBeyondFormat ? "out-of-range" : null;
  const state = isBeyondFormat ? STATE.waiting : STATE.ready;
  const known = readRootEntry(store, folder);
  const root = { state, mtimeS, mtimeUs, mode, reason };
  if (known === null) {
    // Its identity is left out: the same folder may be an entry of another root, and would seem to be in two places.
    const none = { sizeBytes: 0, ctimeS: null, ctimeUs: null, identity: "", target: null, rule: null };
    addFound(store, folder, [{ name: "", kind: KIND.folder, ...none, ...root }]);
  } else {
    const isSame = known.mtimeS === mtimeS && known.mtimeUs === mtimeUs && known.mode === mode;
    if (isSame && isBeyondFormat === (known.reason === "out-of-range")) return;
    markRootChanged(store, { id: known.id, ...root });
  }
  if (state === STATE.ready && known?.state !== STATE.ready) run.addReady(ctx, 1);
}

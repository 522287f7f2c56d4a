// The entry of a root's own folder. It stands in the root's own list of names under the name '', which no listing has. Rule: it
// is recorded like any folder, and never missing or gone: a root that is not there is unavailable.

import type { WaitingReason } from "../border/reasons.ts";
import type { Stat } from "../border/sights.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { int } from "../store/store.ts";
import type { Run } from "./run.ts";
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
  const known = store.first(
    "SELECT id, state, mtime_s, mtime_us, mode, reason FROM entry WHERE folder = ? AND name = ''",
    [folder],
  );
  if (known === null) {
    // Its identity is left out: the same folder may be an entry of another root, and would seem to be in two places.
    store.run(
      `INSERT INTO entry (folder, name, kind, state, size, mtime_s, mtime_us, mode, identity, reason)
       VALUES (?, '', ?, ?, 0, ?, ?, ?, '', ?)`,
      [folder, KIND.folder, state, mtimeS, mtimeUs, mode, reason],
    );
  } else {
    const isSame = known[2] === mtimeS && known[3] === mtimeUs && known[4] === mode;
    if (isSame && isBeyondFormat === (known[5] === "out-of-range")) return;
    store.run("UPDATE entry SET state = ?, mtime_s = ?, mtime_us = ?, mode = ?, reason = ? WHERE id = ?", [
      state,
      mtimeS,
      mtimeUs,
      mode,
      reason,
      int(known, 0),
    ]);
  }
  if (state === STATE.ready && (known === null || int(known, 1) !== STATE.ready)) run.addReady(ctx, 1);
}

// Paths that an adopted record speaks of: what this older database knows of them is not the newest any more. Rule: they are
// recorded anew even where nothing seems to have changed, since the log's last word counts and not the phone's memory.

import { boundsBelow, formatName, formatPath } from "../format/path.ts";
import type { RecordBody } from "../format/record-body.ts";
import type { Context } from "../runtime/context.ts";
import { int } from "../store/store.ts";
import { IN_OR_BELOW } from "./absence.ts";
import { recordAnew } from "./record-rows.ts";
import type { Run } from "./run.ts";

const NAMED = "folder = (SELECT id FROM folder WHERE root = ? AND path = ?) AND name = ?";

/** Every entry that `body` names, and everything below a path that it calls gone, is to be recorded anew. */
export function recordAdoptedAnew(ctx: Context, run: Run, body: RecordBody): void {
  const roots = body.roots.map((name) => ctx.store.first("SELECT id FROM root WHERE name = ?", [name]));
  for (const entry of body.entries) {
    if (!("root" in entry)) continue;
    const row = roots[entry.root] ?? null;
    if (row === null) continue;
    const root = int(row, 0);
    const last = entry.path.at(-1);
    // A root's own entry has no name.
    const name = last === undefined ? "" : formatName(last);
    recordAnew(ctx, run, NAMED, [root, formatPath(entry.path.slice(0, -1)), name], null);
    if (entry.kind !== "gone") continue;
    const path = formatPath(entry.path);
    recordAnew(ctx, run, IN_OR_BELOW, [root, path, ...boundsBelow(path)], null);
  }
}

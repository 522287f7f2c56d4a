// Paths that an adopted record speaks of: what this older database knows of them is not the newest any more. Rule: they are
// recorded anew even where nothing seems to have changed, since the log's last word counts and not the phone's memory.

import { formatName, formatPath } from "../format/path.ts";
import type { RecordBody } from "../format/record-body.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import type { StoreValue } from "../store/store.ts";
import { int } from "../store/store.ts";

/** Every entry that `body` names, and everything below a path that it calls gone, is to be recorded anew. */
export function recordAdoptedAnew(ctx: Context, body: RecordBody): void {
  const roots = body.roots.map((name) => ctx.store.first("SELECT id FROM root WHERE name = ?", [name]));
  for (const entry of body.entries) {
    if (!("root" in entry)) continue;
    const root = roots[entry.root] ?? null;
    const name = entry.path[entry.path.length - 1];
    if (root === null || name === undefined) continue;
    const folder = formatPath(entry.path.slice(0, -1));
    recordAnew(ctx, "folder = (SELECT id FROM folder WHERE root = ? AND path = ?) AND name = ?", [
      int(root, 0),
      folder,
      formatName(name),
    ]);
    if (entry.kind !== "gone") continue;
    const path = formatPath(entry.path);
    // "0" is the character behind "/": the range holds what begins with the path and a slash.
    recordAnew(ctx, "folder IN (SELECT id FROM folder WHERE root = ? AND (path = ? OR (path > ? AND path < ?)))", [
      int(root, 0),
      path,
      `${path}/`,
      `${path}0`,
    ]);
  }
}

function recordAnew(ctx: Context, which: string, params: readonly StoreValue[]): void {
  const { store } = ctx;
  store.run(`UPDATE entry SET version = '' WHERE version IS NOT NULL AND kind = 1 AND ${which}`, params);
  store.run(
    `UPDATE entry SET state = ${STATE.new}, hashed = 0, pending = 0, noted = 0 WHERE state = ${STATE.synced} AND kind = 1 AND ${which}`,
    params,
  );
  store.run(`UPDATE entry SET state = ${STATE.ready} WHERE state = ${STATE.synced} AND kind <> 1 AND ${which}`, params);
}

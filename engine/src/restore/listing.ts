// The ask `list`: what was in the vault at a time (docs/host-api.md §5). Rule: entries go out in pieces, in order, and
// are never all in memory.

import { toAsciiJson } from "../border/ascii-json.ts";
import type { Ask } from "../border/asks.ts";
import type { ListingEntry } from "../border/views.ts";
import { boundsBelow } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { pageRows } from "./page-rows.ts";
import { pause } from "./pause.ts";
import { FOREVER_MS, KIND } from "./schema.ts";
import { findScopes, type Scope, timeCondition } from "./scope.ts";

const MAX_ENTRIES = 200;
/** Characters of one view; one path may have 131,000 bytes. */
const MAX_VIEW_CHARS = 100_000;

/** Shows the entries of an ask. `user-device-unknown`, `user-path-unknown`. */
export function* list(ctx: Context, ask: Ask & { readonly kind: "list" }): Flow<void> {
  const most = pageRows(ctx.store, "index_version", MAX_ENTRIES);
  const { root, path, spellings } = ask;
  const isWhole = root === undefined && (path === undefined || path === "");
  const named = {
    path: path ?? "",
    ...(root === undefined ? {} : { root }),
    ...(spellings === undefined ? {} : { spellings }),
  };
  for (const scope of findScopes(ctx.store, { ...ask, selections: isWhole ? [] : [named] })) {
    yield* listRange(ctx, scope, ["v.path <= ?", scope.path], { path: scope.path, version: 0 }, most);
    const [from, to] = boundsBelow(scope.path);
    yield* listRange(ctx, scope, ["v.path < ?", to], { path: from, version: Number.MAX_SAFE_INTEGER }, most);
  }
}

/** Shows the versions behind one of a path, up to an end: a condition and its parameter. */
function* listRange(
  ctx: Context,
  scope: Scope,
  [isBeforeEnd, end]: readonly [sql: string, path: string],
  begin: { readonly path: string; readonly version: number },
  most: number,
): Flow<void> {
  const { sql, params } = timeCondition(scope);
  for (let after = begin; ; ) {
    const rows = ctx.store.all(
      `SELECT v.path, v.kind, v.size, v.mtime_s, v.mtime_us, v.since_ms, v.until_ms, v.id FROM index_version v
        WHERE ${sql} AND v.path >= ? AND ${isBeforeEnd} AND (v.path <> ? OR v.id > ?) ORDER BY v.path, v.id LIMIT ${most}`,
      [...params, after.path, end, after.path, after.version],
    );
    showRows(ctx, scope, rows);
    yield* pause(ctx);
    const last = rows.at(-1);
    if (last === undefined || rows.length < most) return;
    after = { path: str(last, 0), version: int(last, 7) };
  }
}

function showRows(ctx: Context, scope: Scope, rows: readonly Row[]): void {
  let entries: ListingEntry[] = [];
  let chars = 0;
  for (const row of rows) {
    const entry = entryOf(scope, row);
    const length = toAsciiJson(entry).length;
    if (entries.length > 0 && chars + length > MAX_VIEW_CHARS) {
      ctx.show({ kind: "listing", entries });
      entries = [];
      chars = 0;
    }
    entries.push(entry);
    chars += length;
  }
  if (entries.length > 0) ctx.show({ kind: "listing", entries });
}

function entryOf({ deviceName, name }: Scope, row: Row): ListingEntry {
  const kind = int(row, 1);
  return {
    device: deviceName,
    root: name,
    path: str(row, 0),
    kind: kind === KIND.file ? "file" : kind === KIND.folder ? "folder" : "link",
    sizeBytes: int(row, 2),
    mtimeS: int(row, 3),
    mtimeUs: int(row, 4),
    syncedAtMs: int(row, 5),
    untilMs: int(row, 6) === FOREVER_MS ? null : int(row, 6),
  };
}

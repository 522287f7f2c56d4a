// The ask `list`: what was in the vault at a time (docs/host-api.md §5). Rule: entries go out in pieces, in order, and
// are never all in memory.

import type { Ask } from "../border/inputs.ts";
import type { ListingEntry } from "../border/views.ts";
import { toAsciiJson } from "../runtime/ascii-json.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { pageRows } from "./page-rows.ts";
import { pause } from "./pause.ts";
import { KIND } from "./schema.ts";
import { type Cursor, findScopes, firstBelow, type Scope, scopeCondition } from "./scope.ts";

const MAX_ENTRIES = 200;
/** Characters of one view; one path may have 131,000 bytes. */
const MAX_VIEW_CHARS = 100_000;

/** Shows the entries of an ask. `user-device-unknown`, `user-path-unknown`. */
export function* list(ctx: Context, ask: Ask & { readonly kind: "list" }): Flow<void> {
  const most = pageRows(ctx.store, "index_version", MAX_ENTRIES);
  const { root, path } = ask;
  const isWhole = root === undefined && (path === undefined || path === "");
  const selections = isWhole ? [] : [{ ...(root === undefined ? {} : { root }), path: path ?? "" }];
  for (const scope of findScopes(ctx.store, { ...ask, selections })) yield* listScope(ctx, scope, most);
}

function* listScope(ctx: Context, scope: Scope, most: number): Flow<void> {
  for (let cursor: Cursor = null; ; ) {
    const rows = readPage(ctx, scope, cursor, most);
    showRows(ctx, scope, rows);
    yield* pause(ctx);
    if (cursor === null) cursor = firstBelow(scope);
    else if (rows.length < most) return;
    else cursor = str(rows.at(-1) as Row, 0);
  }
}

function readPage(ctx: Context, scope: Scope, cursor: Cursor, most: number): Row[] {
  const { sql, params } = scopeCondition(scope, cursor);
  return ctx.store.all(
    `SELECT v.path, v.kind, v.size, v.mtime_s, v.mtime_us, v.since_ms FROM index_version v WHERE ${sql}
      ORDER BY v.path LIMIT ${most}`,
    params,
  );
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
  };
}

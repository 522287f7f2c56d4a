// The ask `list`: what was in the vault at a time (docs/host-api.md §5). Rule: entries go out in pieces, in order, and
// are never all in memory.

import { toAsciiJson } from "../../border/ascii-json.ts";
import type { Ask } from "../../border/asks.ts";
import type { ListingEntry } from "../../border/views.ts";
import { boundsBelow } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { pause } from "../pause.ts";
import { pageRows } from "../tables/restored-files.ts";
import { FOREVER_MS, KIND, type ListedRange, type ListedVersion, listVersions } from "../tables/version-rows.ts";
import { findScopes, type Scope } from "./scope.ts";
import type { ShutOut } from "./shut-out.ts";

const MAX_ENTRIES = 200;
/** Characters of one view; one path may have 131,000 bytes. */
const MAX_VIEW_CHARS = 100_000;

/** What is listed, and from where on its device was shut out; null when it was not. */
type ListedScope = Scope & { readonly shutOutFrom: number | null };

/** Shows the entries of an ask. `user-device-unknown`, `user-path-unknown`. */
export function* list(ctx: Context, ask: Ask & { readonly kind: "list" }, shutOut: ShutOut): Flow<void> {
  const most = pageRows(ctx.store, "index_version", MAX_ENTRIES);
  const { root, path, spellings } = ask;
  const isWhole = root === undefined && (path === undefined || path === "");
  const named = {
    path: path ?? "",
    ...(root === undefined ? {} : { root }),
    ...(spellings === undefined ? {} : { spellings }),
  };
  for (const found of findScopes(ctx.store, { ...ask, selections: isWhole ? [] : [named] })) {
    const scope = { ...found, shutOutFrom: shutOut.get(found.device) ?? null };
    yield* listRange(ctx, scope, { after: { path: scope.path, id: 0 }, end: scope.path, isEndIncluded: true }, most);
    const [from, to] = boundsBelow(scope.path);
    const after = { path: from, id: Number.MAX_SAFE_INTEGER };
    yield* listRange(ctx, scope, { after, end: to, isEndIncluded: false }, most);
  }
}

function* listRange(ctx: Context, scope: ListedScope, range: ListedRange, most: number): Flow<void> {
  for (let rest = range; ; ) {
    const versions = listVersions(ctx.store, scope, rest, most);
    showVersions(ctx, scope, versions);
    yield* pause(ctx);
    const last = versions.at(-1);
    if (last === undefined || versions.length < most) return;
    rest = { ...range, after: last };
  }
}

function showVersions(ctx: Context, scope: ListedScope, versions: readonly ListedVersion[]): void {
  let entries: ListingEntry[] = [];
  let chars = 0;
  for (const version of versions) {
    const entry = entryOf(scope, version);
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

function entryOf({ deviceName, name, shutOutFrom }: ListedScope, version: ListedVersion): ListingEntry {
  const { path, kind, sizeBytes, mtimeS, mtimeUs, sinceMs, untilMs, seq } = version;
  return {
    device: deviceName,
    root: name,
    path,
    kind: kind === KIND.file ? "file" : kind === KIND.folder ? "folder" : "link",
    sizeBytes,
    mtimeS,
    mtimeUs,
    syncedAtMs: sinceMs,
    untilMs: untilMs === FOREVER_MS ? null : untilMs,
    ...(shutOutFrom !== null && seq >= shutOutFrom ? { afterRevocation: true as const } : {}),
  };
}

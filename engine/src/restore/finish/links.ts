// Links, which are made when everything else is in place (docs/format.md §10). Rule: a link that is there already and
// leads to the same target is restored; one that was being made when a process ended is ours.

import type { FinishedItem } from "../../border/answers.ts";
import type { ExistingRule } from "../../border/asks.ts";
import type { FinishItem } from "../../border/effects.ts";
import type { ScannedEntry } from "../../border/sights.ts";
import { CoffreError, invariant } from "../../errors.ts";
import { compareNames, splitPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import { takeBatchOfPaths } from "../fetch/preparation.ts";
import type { RestoreAsk } from "../job.ts";
import {
  fail,
  pageRows,
  type RestoredFile,
  readInStates,
  STATE,
  setStates,
  skip,
  tryNextName,
} from "../tables/restored-files.ts";
import { KIND } from "../tables/version-rows.ts";
import { codeOf, placeOf } from "./finisher.ts";

/** Links of one effect; each may have a target of 4,096 bytes. */
const LINKS_AN_EFFECT = 15;
/** Entries that are looked at to find one name. */
const ENTRIES_A_SCAN = 64;

type LinkItem = FinishItem & { readonly kind: "link" };

/** Makes the links. `host-no-space`. */
export function* makeLinks(ctx: Context, ask: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", LINKS_AN_EFFECT);
  for (;;) {
    const rows = takeBatchOfPaths(readInStates(ctx.store, KIND.link, [STATE.planned, STATE.finishing], 0, most));
    if (rows.length === 0) return;
    const links = rows.map((row) => linkItem(row, ask.existing));
    const folders = foldersOf(links.map(({ path }) => path));
    setStates(ctx.store, STATE.finishing, rows);
    const items: FinishItem[] = [...folders, ...links];
    const answer = yield* perform({ kind: "finish-file", target: ask.target, work: ask.work, items });
    for (const [index, row] of rows.entries()) {
      yield* takeLink(ctx.store, ask, row, links[index] as LinkItem, answer.items[folders.length + index]);
    }
  }
}

function* takeLink(
  store: Store,
  { target, existing }: RestoreAsk,
  row: RestoredFile,
  link: LinkItem,
  item: FinishedItem | undefined,
): Flow<void> {
  if (item?.kind === "no-space") throw new CoffreError("host-no-space", "the target is full");
  if (item?.kind === "ok") setStates(store, STATE.done, [row]);
  else if (item?.kind !== "exists") fail(store, [{ id: row.id, code: codeOf(item) }]);
  else if (yield* isThere(target, link)) setStates(store, STATE.done, [row]);
  else if (existing === "rename") tryNextName(store, STATE.planned, [row]);
  else skip(store, [row]);
}

/** Whether what has the link's name is a link to the same target. */
function* isThere(target: string, link: LinkItem): Flow<boolean> {
  const { folder, name } = splitPath(link.path);
  const folders = [{ path: folder, after: nameBefore(name) }];
  const answer = yield* perform({ kind: "scan", root: target, folders, entries: ENTRIES_A_SCAN });
  const scanned = answer.kind === "scanned" ? answer.folders[0] : undefined;
  if (scanned === undefined || !("entries" in scanned)) return false;
  const entry = scanned.entries.find((found): found is ScannedEntry => found.name === name && "kind" in found);
  if (entry?.kind !== "link") return false;
  return link.target === undefined ? entry.targetHex === link.targetHex : entry.target === link.target;
}

/** A name text a little before this one in the order of names, or null for the beginning. */
export function nameBefore(name: string): string | null {
  const points = [...name];
  const last = (points.pop() as string).codePointAt(0) as number;
  const prefix = points.join("");
  // Below a space there are names that nobody has, and U+E000 stands right behind the surrogates.
  const before = last > 0x20 && last !== 0xe000 ? prefix + String.fromCodePoint(last - 1) : prefix;
  return before === "" || before === "/" || compareNames(before, name) >= 0 ? null : before;
}

function linkItem({ path, tries, target, mtimeS, mtimeUs }: RestoredFile, existing: ExistingRule): LinkItem {
  invariant(target !== null, "a link without its target");
  return {
    kind: "link",
    path: placeOf(path, tries),
    ...(target.startsWith("h") ? { targetHex: target.slice(1) } : { target: target.slice(1) }),
    mtimeS,
    mtimeUs,
    existing: existing === "replace" ? "replace" : "refuse",
  };
}

function foldersOf(paths: readonly string[]): FinishItem[] {
  const folders = new Set(paths.map((path) => splitPath(path).folder));
  folders.delete("");
  return [...folders].map((path) => ({ kind: "folder", path }));
}

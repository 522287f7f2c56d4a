// Links, which are made when everything else is in place (docs/format.md §10). Rule: a link that is there already and
// leads to the same target is restored; one that was being made when a process ended is ours.

import type { FinishedItem } from "../border/answers.ts";
import type { ExistingRule } from "../border/asks.ts";
import type { FinishItem } from "../border/effects.ts";
import type { ScannedEntry } from "../border/sights.ts";
import { CoffreError } from "../errors.ts";
import { compareNames, splitPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { codeOf, placeOf } from "./finisher.ts";
import type { RestoreAsk } from "./job.ts";
import { pageRows } from "./page-rows.ts";
import { takeRows } from "./preparation.ts";
import { KIND, STATE } from "./schema.ts";

/** Links of one effect; each may have a target of 4,096 bytes. */
const LINKS_AN_EFFECT = 15;
/** Entries that are looked at to find one name. */
const ENTRIES_A_SCAN = 64;

type LinkItem = FinishItem & { readonly kind: "link" };

/** Makes the links. `host-no-space`. */
export function* makeLinks(ctx: Context, ask: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", LINKS_AN_EFFECT);
  for (;;) {
    const rows = takeRows(
      ctx.store.all(
        `SELECT f.id, f.path, f.tries, f.state, v.target, v.mtime_s, v.mtime_us FROM restore_file f
           JOIN index_version v ON v.id = f.version
          WHERE f.kind = ${KIND.link} AND f.state IN (${STATE.planned}, ${STATE.finishing})
          ORDER BY f.id LIMIT ${most}`,
      ),
    );
    if (rows.length === 0) return;
    const links = rows.map((row) => linkItem(row, ask.existing));
    const folders = foldersOf(links.map(({ path }) => path));
    ctx.store.runMany(
      `UPDATE restore_file SET state = ${STATE.finishing} WHERE id = ?`,
      rows.map((row) => [int(row, 0)]),
    );
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
  row: Row,
  link: LinkItem,
  item: FinishedItem | undefined,
): Flow<void> {
  const set = (state: number, code: string | null): void => {
    store.run("UPDATE restore_file SET state = ?, code = ? WHERE id = ?", [state, code, int(row, 0)]);
  };
  if (item?.kind === "no-space") throw new CoffreError("host-no-space", "the target is full");
  if (item?.kind === "ok") set(STATE.done, null);
  else if (item?.kind !== "exists") set(STATE.failed, codeOf(item));
  else if (yield* isThere(target, link)) set(STATE.done, null);
  else if (existing === "rename") {
    store.run(`UPDATE restore_file SET state = ${STATE.planned}, tries = tries + 1 WHERE id = ?`, [int(row, 0)]);
  } else set(STATE.skipped, "target-exists");
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

function linkItem(row: Row, existing: ExistingRule): LinkItem {
  const target = str(row, 4);
  return {
    kind: "link",
    path: placeOf(str(row, 1), int(row, 2)),
    ...(target.startsWith("h") ? { targetHex: target.slice(1) } : { target: target.slice(1) }),
    mtimeS: int(row, 5),
    mtimeUs: int(row, 6),
    existing: existing === "replace" ? "replace" : "refuse",
  };
}

function foldersOf(paths: readonly string[]): FinishItem[] {
  const folders = new Set(paths.map((path) => splitPath(path).folder));
  folders.delete("");
  return [...folders].map((path) => ({ kind: "folder", path }));
}

// What comes before the first byte is fetched: what is in place already, the folders, and what a former process left in
// the work folder. Rule: each of these can be begun again at any time.

import type { ExistingRule } from "../../border/asks.ts";
import type { FinishItem } from "../../border/effects.ts";
import { CoffreError } from "../../errors.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import { codeOf, placeOf } from "../finish/finisher.ts";
import type { RestoreAsk } from "../job.ts";
import { dropParts, forgetParts } from "../tables/part-rows.ts";
import {
  fail,
  pageRows,
  type RestoredFile,
  readInStates,
  readUnderWay,
  recount,
  STATE,
  setStates,
  skip,
} from "../tables/restored-files.ts";
import { KIND } from "../tables/version-rows.ts";
import { type Comparison, compareFiles, type ExpectedFile, takeBatch, verifyWork } from "./digests.ts";

const FOLDERS_AN_EFFECT = 100;
/** Files that one question of the Store gives, where paths are short. */
export const FILES_A_QUERY = 200;
/** Characters of paths in one effect. */
const MAX_CHARS = 60_000;

/** Files that are in place with the same bytes count as restored; others are skipped where that is the rule. */
export function* settleExisting(ctx: Context, { target, existing }: RestoreAsk): Flow<void> {
  if (yield* isEmpty(target)) return;
  const most = pageRows(ctx.store, "restore_file", FILES_A_QUERY);
  for (let after = 0; ; ) {
    const files = readInStates(ctx.store, KIND.file, [STATE.fetching, STATE.ready], after, most);
    const batch = takeBatch(files.map(placed));
    const last = batch.at(-1);
    if (last === undefined) break;
    after = last.id;
    yield* settle(ctx, target, batch, existing);
  }
  dropParts(ctx.store);
}

/** Compares files with what lies in their places; those whose places are free are left as they are. */
export function* settle(
  ctx: Context,
  target: string,
  batch: readonly ExpectedFile[],
  existing: ExistingRule,
): Flow<void> {
  const comparisons = yield* compareFiles(ctx, target, batch);
  const those = (kind: Comparison): ExpectedFile[] => batch.filter(({ id }) => comparisons.get(id) === kind);
  setDone(ctx, those("equal"));
  if (existing === "rename") return;
  skip(ctx.store, those("different"));
}

function setDone({ store }: Context, files: readonly ExpectedFile[]): void {
  setStates(store, STATE.done, files);
  forgetParts(store, files);
}

/** Makes the folders, those above them too. `host-no-space`. */
export function* makeFolders(ctx: Context, { target, work }: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", FOLDERS_AN_EFFECT);
  for (;;) {
    const folders = takeBatchOfPaths(readInStates(ctx.store, KIND.folder, [STATE.planned], 0, most));
    if (folders.length === 0) return;
    const items: FinishItem[] = folders.map(({ path }) => ({ kind: "folder", path }));
    yield* finishRows(ctx, target, work, folders, items, STATE.made);
  }
}

/** Asks for one item a row; what went well gets `state`, what did not fails. `host-no-space`. */
export function* finishRows(
  ctx: Context,
  target: string,
  work: string,
  rows: readonly RestoredFile[],
  items: readonly FinishItem[],
  state: number,
): Flow<void> {
  const answer = yield* perform({ kind: "finish-file", target, work, items });
  const given = rows.map(({ id }, index) => ({ id, item: answer.items[index] }));
  setStates(
    ctx.store,
    state,
    given.filter(({ item }) => item?.kind === "ok"),
  );
  if (given.some(({ item }) => item?.kind === "no-space")) throw noSpace();
  fail(
    ctx.store,
    given.filter(({ item }) => item?.kind !== "ok").map(({ id, item }) => ({ id, code: codeOf(item) })),
  );
}

/** As many rows as one effect may carry the paths of. */
export function takeBatchOfPaths(rows: readonly RestoredFile[]): RestoredFile[] {
  const taken: RestoredFile[] = [];
  let chars = 0;
  for (const row of rows) {
    chars += row.path.length;
    if (taken.length > 0 && chars > MAX_CHARS) break;
    taken.push(row);
  }
  return taken;
}

/**
 * After a restart: believes of the work folder what its bytes say. A file that was being finished is whole in the work
 * folder, or already in its place, or to be fetched again.
 */
export function* recover(ctx: Context, { target, work }: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", FILES_A_QUERY);
  for (let after = 0; ; ) {
    const files = readUnderWay(ctx.store, after, most);
    const batch = takeBatch(files.map(placed));
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last.id;
    const finishing = new Set(files.filter(({ state }) => state === STATE.finishing).map(({ id }) => id));
    const counts = yield* verifyWork(ctx, work, batch);
    recount(
      ctx.store,
      batch.map(({ id, chunks }) => ({ id, chunks, done: counts.get(id) ?? 0 })),
    );
    const gone = batch.filter(({ id, chunks }) => finishing.has(id) && (chunks === 0 || counts.get(id) !== chunks));
    if (gone.length === 0) continue;
    const comparisons = yield* compareFiles(ctx, target, gone);
    setDone(
      ctx,
      gone.filter(({ id }) => comparisons.get(id) === "equal"),
    );
  }
}

/** Whether nothing lies in the target, so that nothing need be compared. */
function* isEmpty(target: string): Flow<boolean> {
  const answer = yield* perform({ kind: "scan", root: target, folders: [{ path: "", after: null }], entries: 1 });
  if (answer.kind === "root-unavailable") return answer.reason === "vanished";
  const [folder] = answer.folders;
  return folder !== undefined && "entries" in folder && folder.entries.length === 0 && folder.end;
}

/** A file in its place in the target. */
export function placed(file: RestoredFile): ExpectedFile {
  return { ...file, path: placeOf(file.path, file.tries) };
}

function noSpace(): CoffreError {
  return new CoffreError("host-no-space", "the target is full");
}

// What comes before the first byte is fetched: what is in place already, the folders, and what a former process left in
// the work folder. Rule: each of these can be begun again at any time.

import type { ExistingRule } from "../border/asks.ts";
import type { FinishItem } from "../border/effects.ts";
import { CoffreError } from "../errors.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import type { Row } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { type Comparison, compareFiles, type ExpectedFile, takeBatch, verifyWork } from "./digests.ts";
import { codeOf, failFiles, placeOf, setStates } from "./finisher.ts";
import type { RestoreAsk } from "./job.ts";
import { pageRows } from "./page-rows.ts";
import { dropParts } from "./parts.ts";
import { KIND, STATE } from "./schema.ts";

const FOLDERS_AN_EFFECT = 100;
/** Files that one question of the Store gives, where paths are short. */
export const FILES_A_QUERY = 200;
/** Characters of paths in one effect. */
const MAX_CHARS = 60_000;

const FILES = `SELECT f.id, f.path, f.tries, f.chunks, v.size, f.state FROM restore_file f
  JOIN index_version v ON v.id = f.version WHERE f.kind = ${KIND.file} AND f.id > ?`;

/** Files that are in place with the same bytes count as restored; others are skipped where that is the rule. */
export function* settleExisting(ctx: Context, { target, existing }: RestoreAsk): Flow<void> {
  if (yield* isEmpty(target)) return;
  const most = pageRows(ctx.store, "restore_file", FILES_A_QUERY);
  const states = `${STATE.fetching}, ${STATE.ready}`;
  for (let after = 0; ; ) {
    const sql = `${FILES} AND f.state IN (${states}) ORDER BY f.id LIMIT ${most}`;
    const batch = takeBatch(ctx.store.all(sql, [after]).map(fileOf));
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
  ctx.store.runMany(
    `UPDATE restore_file SET state = ${STATE.skipped}, code = 'target-exists' WHERE id = ?`,
    those("different").map(({ id }) => [id]),
  );
}

function setDone(ctx: Context, files: readonly ExpectedFile[]): void {
  setStates(ctx, STATE.done, files);
  ctx.store.runMany(
    "DELETE FROM restore_part WHERE file = ?",
    files.map(({ id }) => [id]),
  );
}

/** Makes the folders, those above them too. `host-no-space`. */
export function* makeFolders(ctx: Context, { target, work }: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", FOLDERS_AN_EFFECT);
  for (;;) {
    const rows = takeRows(
      ctx.store.all(
        `SELECT id, path FROM restore_file WHERE kind = ${KIND.folder} AND state = ${STATE.planned}
          ORDER BY id LIMIT ${most}`,
      ),
    );
    if (rows.length === 0) return;
    const items: FinishItem[] = rows.map((row) => ({ kind: "folder", path: str(row, 1) }));
    yield* finishRows(ctx, target, work, rows, items, STATE.made);
  }
}

/** Asks for one item a row (id first); what went well gets `state`, what did not fails. `host-no-space`. */
export function* finishRows(
  ctx: Context,
  target: string,
  work: string,
  rows: readonly Row[],
  items: readonly FinishItem[],
  state: number,
): Flow<void> {
  const answer = yield* perform({ kind: "finish-file", target, work, items });
  const given = rows.map((row, index) => ({ id: int(row, 0), item: answer.items[index] }));
  setStates(
    ctx,
    state,
    given.filter(({ item }) => item?.kind === "ok"),
  );
  if (given.some(({ item }) => item?.kind === "no-space")) throw noSpace();
  failFiles(
    ctx,
    given.filter(({ item }) => item?.kind !== "ok").map(({ id, item }) => ({ id, code: codeOf(item) })),
  );
}

/** As many rows (path second) as one effect may carry. */
export function takeRows(rows: readonly Row[]): Row[] {
  const taken: Row[] = [];
  let chars = 0;
  for (const row of rows) {
    chars += str(row, 1).length;
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
  const underWay = `(f.state = ${STATE.finishing} OR f.state = ${STATE.ready} OR (f.state = ${STATE.fetching} AND f.done > 0))`;
  for (let after = 0; ; ) {
    const rows = ctx.store.all(`${FILES} AND ${underWay} ORDER BY f.id LIMIT ${most}`, [after]);
    const batch = takeBatch(rows.map(fileOf));
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last.id;
    const finishing = new Set(rows.filter((row) => int(row, 5) === STATE.finishing).map((row) => int(row, 0)));
    const counts = yield* verifyWork(ctx, work, batch);
    setCounts(ctx, batch, counts);
    const gone = batch.filter(({ id, chunks }) => finishing.has(id) && (chunks === 0 || counts.get(id) !== chunks));
    if (gone.length === 0) continue;
    const comparisons = yield* compareFiles(ctx, target, gone);
    setDone(
      ctx,
      gone.filter(({ id }) => comparisons.get(id) === "equal"),
    );
  }
}

function setCounts(ctx: Context, batch: readonly ExpectedFile[], counts: ReadonlyMap<number, number>): void {
  ctx.store.runMany(
    "UPDATE restore_file SET done = ?, state = ? WHERE id = ?",
    batch.map(({ id, chunks }) => {
      const count = counts.get(id) ?? 0;
      return [count, count === chunks ? STATE.ready : STATE.fetching, id];
    }),
  );
}

/** Whether nothing lies in the target, so that nothing need be compared. */
function* isEmpty(target: string): Flow<boolean> {
  const answer = yield* perform({ kind: "scan", root: target, folders: [{ path: "", after: null }], entries: 1 });
  if (answer.kind === "root-unavailable") return answer.reason === "vanished";
  const [folder] = answer.folders;
  return folder !== undefined && "entries" in folder && folder.entries.length === 0 && folder.end;
}

/** A row of `FILES` as the file that it should be, in its place in the target. */
export function fileOf(row: Row): ExpectedFile {
  return { id: int(row, 0), path: placeOf(str(row, 1), int(row, 2)), chunks: int(row, 3), sizeBytes: int(row, 4) };
}

/** SQL for the files behind an id in one state, at most so many, as `fileOf` reads them. */
export function filesInState(state: number, most: number): string {
  return `${FILES} AND f.state = ${state} ORDER BY f.id LIMIT ${most}`;
}

function noSpace(): CoffreError {
  return new CoffreError("host-no-space", "the target is full");
}

// What comes after the last byte: names that were taken, folders' times, and the report. Rule: times are set deepest
// first, when everything is in place, and whatever was not restored is named once.

import type { FinishItem } from "../border/effects.ts";
import type { DamageView } from "../border/views.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { int, str } from "../store/store.ts";
import { readDamages, readFileDamages } from "./damages.ts";
import { takeBatch } from "./digests.ts";
import { restoredMode } from "./finisher.ts";
import type { RestoreAsk } from "./job.ts";
import { workName } from "./loads.ts";
import { pageRows } from "./page-rows.ts";
import { pause } from "./pause.ts";
import { FILES_A_QUERY, fileOf, filesInState, finishRows, settle, takeRows } from "./preparation.ts";
import { KIND, STATE } from "./schema.ts";

const ITEMS_AN_EFFECT = 100;
const VIEWS_A_PIECE = 200;

/** Files whose name was taken when they were finished: equal ones were in place already, the others are skipped. */
export function* settleOccupied(ctx: Context, { target }: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", FILES_A_QUERY);
  for (let after = 0; ; ) {
    const batch = takeBatch(ctx.store.all(filesInState(STATE.occupied, most), [after]).map(fileOf));
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last.id;
    yield* settle(ctx, target, batch, "skip");
  }
}

/** Sets the folders' times and modes, those below before those above. */
export function* setFolderTimes(ctx: Context, { target, work }: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", ITEMS_AN_EFFECT);
  for (;;) {
    // A folder's path is the beginning of the paths below it, so the other way round they come first.
    const rows = takeRows(
      ctx.store.all(
        `SELECT f.id, f.path, v.mode, v.mtime_s, v.mtime_us FROM restore_file f
           JOIN index_version v ON v.id = f.version WHERE f.kind = ${KIND.folder} AND f.state = ${STATE.made}
          ORDER BY f.path DESC LIMIT ${most}`,
      ),
    );
    if (rows.length === 0) return;
    const items: FinishItem[] = rows.map((row) => ({
      kind: "folder-times",
      path: str(row, 1),
      mode: row[2] === null ? null : restoredMode(int(row, 2)),
      mtimeS: int(row, 3),
      mtimeUs: int(row, 4),
    }));
    yield* finishRows(ctx, target, work, rows, items, STATE.done);
  }
}

/** Removes from the work folder what became no file of the target. */
export function* discardWork(ctx: Context, { target, work }: RestoreAsk): Flow<void> {
  for (let after = 0; ; ) {
    const rows = ctx.store.all(
      `SELECT id FROM restore_file WHERE id > ? AND kind = ${KIND.file} AND chunks > 0 AND
         state IN (${STATE.failed}, ${STATE.skipped}) AND done > 0
        ORDER BY id LIMIT ${ITEMS_AN_EFFECT}`,
      [after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = int(last, 0);
    const items: FinishItem[] = rows.map((row) => ({ kind: "discard", from: workName(int(row, 0)) }));
    yield* perform({ kind: "finish-file", target, work, items });
  }
}

/** Shows every record that is damaged. */
export function reportRecords(ctx: Context): Flow<void> {
  return report(ctx, (after) => readDamages(ctx.store, after, VIEWS_A_PIECE));
}

/** Shows every file, folder and link that was not restored. */
export function reportFiles(ctx: Context): Flow<void> {
  return report(ctx, (after) => readFileDamages(ctx.store, after, pageRows(ctx.store, "index_version", VIEWS_A_PIECE)));
}

function* report(ctx: Context, read: (after: number) => { views: DamageView[]; next: number | null }): Flow<void> {
  for (let after: number | null = 0; after !== null; ) {
    const { views, next } = read(after);
    if (views.length > 0) ctx.show({ kind: "damage", damage: views });
    after = next;
    yield* pause(ctx);
  }
}

// What comes after the last byte: names that were taken, folders' times, and the report. Rule: times are set deepest
// first, when everything is in place, and whatever was not restored is named once.

import type { FinishItem } from "../../border/effects.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import { takeBatch } from "../fetch/digests.ts";
import { workName } from "../fetch/loads.ts";
import { FILES_A_QUERY, finishRows, placed, settle, takeBatchOfPaths } from "../fetch/preparation.ts";
import type { RestoreAsk } from "../job.ts";
import { pause } from "../pause.ts";
import { type DamagePage, readDamages, readFileDamages } from "../tables/damage-rows.ts";
import { pageRows, readAbandoned, readDeepest, readInStates, STATE } from "../tables/restored-files.ts";
import { KIND } from "../tables/version-rows.ts";
import { restoredMode } from "./finisher.ts";

const ITEMS_AN_EFFECT = 100;
const VIEWS_A_PIECE = 200;

/** Files whose name was taken when they were finished: equal ones were in place already, the others are skipped. */
export function* settleOccupied(ctx: Context, { target }: RestoreAsk): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", FILES_A_QUERY);
  for (let after = 0; ; ) {
    const batch = takeBatch(readInStates(ctx.store, KIND.file, [STATE.occupied], after, most).map(placed));
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
    const folders = takeBatchOfPaths(readDeepest(ctx.store, most));
    if (folders.length === 0) return;
    const items: FinishItem[] = folders.map(({ path, mode, mtimeS, mtimeUs }) => {
      return { kind: "folder-times", path, mode: mode === null ? null : restoredMode(mode), mtimeS, mtimeUs };
    });
    yield* finishRows(ctx, target, work, folders, items, STATE.done);
  }
}

/** Removes from the work folder what became no file of the target. */
export function* discardWork(ctx: Context, { target, work }: RestoreAsk): Flow<void> {
  for (let after = 0; ; ) {
    const files = readAbandoned(ctx.store, after, ITEMS_AN_EFFECT);
    const last = files.at(-1);
    if (last === undefined) return;
    after = last;
    const items: FinishItem[] = files.map((file) => ({ kind: "discard", from: workName(file) }));
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

function* report(ctx: Context, read: (after: number) => DamagePage): Flow<void> {
  for (let after: number | null = 0; after !== null; ) {
    const { views, next } = read(after);
    if (views.length > 0) ctx.show({ kind: "damage", damage: views });
    after = next;
    yield* pause(ctx);
  }
}

// What a whole listing did not find, and whether that is believed. Rule: what one deletes is gone, and what a disk takes along
// that is unplugged is not; where the two look alike it is told, and the owner or a second look a day later decides.
//
//   another disk, or none, stands where one was      held until it is back, or the owner says so
//   most files of a root are missing at once         held for a day, unless the owner says so before
//   anything else                                    gone

import { boundsBelow, joinPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import type { Row, StoreValue } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import type { ScanRoot } from "./root-identity.ts";
import type { Run } from "./run.ts";

/** A folder and all below it: the parameters are its root, its path and that path's `boundsBelow`. */
export const FOLDER_OR_BELOW = "root = ? AND (path = ? OR (path > ? AND path < ?))";
/** The entries of those folders, with the same parameters. */
export const IN_OR_BELOW: string = `folder IN (SELECT id FROM folder WHERE ${FOLDER_OR_BELOW})`;

/** So many files that go at once, when they are most of a root, get a second look. */
const MANY_FILES = 100;
/** So many are told, when they are most of a root. */
const WORTH_A_WORD = 20;
const SECOND_LOOK_MS = 86_400_000;
const NOT_GONE = `state NOT IN (${STATE.gone}, ${STATE.goneRecording})`;
/** What the log has and does not call gone. */
const RECORDED = `version IS NOT NULL AND ${NOT_GONE}`;

/** The disk that a folder is; a root counts as one. */
export interface Disk {
  readonly mounted: boolean;
  readonly identity: string | null;
}

/** A folder's row, as far as believing goes. */
export interface HeldFolder {
  readonly id: number;
  readonly path: string;
  readonly disk: Disk;
  readonly held: string | null;
  readonly heldMs: number | null;
  readonly believed: boolean;
}

/** `replaced`: another disk is in the folder's place, and nothing in or below it says anything of what was there. */
export type Belief = "believed" | "held" | "replaced";

export function readHeldFolder({ store }: Context, id: number, path: string): HeldFolder | null {
  const row = store.first("SELECT mounted, identity, held, held_ms, believed FROM folder WHERE id = ?", [id]);
  if (row === null) return null;
  const disk = { mounted: int(row, 0) === 1, identity: row[1] === null ? null : str(row, 1) };
  const heldMs = row[3] === null ? null : int(row, 3);
  return { id, path, disk, held: row[2] === null ? null : str(row, 2), heldMs, believed: int(row, 4) === 1 };
}

/** Takes back what is missing in a folder and not believed to be gone. */
export function judgeAbsence(ctx: Context, run: Run, root: ScanRoot, folder: HeldFolder, disk: Disk): Belief {
  if (!folder.believed && isOtherDisk(folder.disk, disk) && missesMost(ctx, folder.id)) {
    keep(ctx, root, folder);
    return "replaced";
  }
  holdLostDisks(ctx, run, root, folder);
  const count = countMissing(ctx, root, folder);
  if (count < 2 || folder.believed) return "believed";
  const all = countFiles(ctx, `${RECORDED} AND folder IN (SELECT id FROM folder WHERE root = ?)`, [root.id]);
  if (count * 2 <= all) return "believed";
  const sinceMs = folder.held === "many-missing" && folder.heldMs !== null ? ctx.now - folder.heldMs : 0;
  const isSecondLook = sinceMs >= SECOND_LOOK_MS || count < MANY_FILES;
  if (isSecondLook && (count >= WORTH_A_WORD || count === all)) run.tell(ctx, "many-gone", root, folder.path, count);
  if (isSecondLook) return "believed";
  // A time ahead of now is that of a clock that was set back since.
  const heldMs = sinceMs > 0 ? folder.heldMs : ctx.now;
  keep(ctx, root, folder);
  ctx.store.run("UPDATE folder SET held = 'many-missing', held_ms = ? WHERE id = ?", [heldMs, folder.id]);
  run.tell(ctx, "many-missing", root, folder.path, count);
  return "held";
}

/** Another disk than before, or one where there was none, or none where there was one. */
function isOtherDisk(before: Disk, now: Disk): boolean {
  if (!before.mounted && !now.mounted) return false;
  if (before.mounted !== now.mounted) return true;
  return before.identity !== null && now.identity !== null && before.identity !== now.identity;
}

/** Whether more than half of what was known in a folder was not found; what this listing brought was not known. */
function missesMost({ store }: Context, folder: number): boolean {
  const row = store.first(
    `SELECT count(*), coalesce(sum(missing), 0) FROM entry
     WHERE folder = ? AND name <> '' AND ${NOT_GONE} AND (version IS NOT NULL OR missing = 1)`,
    [folder],
  );
  return row !== null && int(row, 1) * 2 > int(row, 0);
}

/** Nothing in the folder is missing, and what is below it is not looked at until the next sweep. */
function keep({ store }: Context, root: ScanRoot, { id, path }: HeldFolder): void {
  for (const row of missingFolders(store, id)) rest(store, root, joinPath(path, str(row, 1)));
  store.run("UPDATE entry SET missing = 0 WHERE folder = ? AND missing = 1", [id]);
}

function rest(store: Context["store"], root: ScanRoot, path: string): void {
  const range = [root.id, path, ...boundsBelow(path)];
  store.run(`UPDATE folder SET due = 0, after = NULL WHERE ${FOLDER_OR_BELOW}`, range);
}

/** Folders that are not there any more and were disks, or held some: whoever unplugs a disk may take its folder along. */
function holdLostDisks(ctx: Context, run: Run, root: ScanRoot, folder: HeldFolder): void {
  const { store } = ctx;
  for (const row of missingFolders(store, folder.id)) {
    const path = joinPath(folder.path, str(row, 1));
    const range = [root.id, path, ...boundsBelow(path)];
    const disk = store.first(
      `SELECT 1 FROM folder WHERE ${FOLDER_OR_BELOW} AND mounted = 1 AND believed = 0 LIMIT 1`,
      range,
    );
    if (disk === null) continue;
    rest(store, root, path);
    store.run("UPDATE entry SET missing = 0 WHERE id = ?", [int(row, 0)]);
    store.run("UPDATE folder SET held = 'disk-away', held_ms = ? WHERE root = ? AND path = ?", [
      ctx.now,
      root.id,
      path,
    ]);
    run.tell(ctx, "disk-away", root, path);
  }
}

function missingFolders(store: Context["store"], folder: number): Row[] {
  return store.all(`SELECT id, name, identity FROM entry WHERE folder = ? AND missing = 1 AND kind = ${KIND.folder}`, [
    folder,
  ]);
}

/** How many recorded files would be gone, but for those that have only moved. */
function countMissing(ctx: Context, root: ScanRoot, folder: HeldFolder): number {
  const { store } = ctx;
  let count = countFiles(ctx, `${RECORDED} AND folder = ? AND missing = 1`, [folder.id]);
  if (count >= MANY_FILES) count -= countMoved(ctx, folder.id);
  for (const row of missingFolders(store, folder.id)) {
    if (isElsewhere(ctx, int(row, 0), str(row, 2))) continue;
    const path = joinPath(folder.path, str(row, 1));
    count += countFiles(ctx, `${RECORDED} AND ${IN_OR_BELOW}`, [root.id, path, ...boundsBelow(path)]);
  }
  return count;
}

function isElsewhere({ store }: Context, entry: number, identity: string): boolean {
  if (identity === "") return false;
  return (
    store.first("SELECT 1 FROM entry WHERE identity = ? AND id <> ? AND missing = 0 LIMIT 1", [identity, entry]) !==
    null
  );
}

function countMoved({ store }: Context, folder: number): number {
  const row = store.first(
    `SELECT count(DISTINCT a.id) FROM entry a JOIN entry b ON b.identity = a.identity AND b.id <> a.id AND b.missing = 0
     WHERE a.folder = ? AND a.missing = 1 AND a.kind = ${KIND.file} AND a.version IS NOT NULL AND a.identity <> ''`,
    [folder],
  );
  return row === null ? 0 : int(row, 0);
}

function countFiles({ store }: Context, which: string, params: readonly StoreValue[]): number {
  const row = store.first(`SELECT count(*) FROM entry WHERE kind = ${KIND.file} AND ${which}`, params);
  return row === null ? 0 : int(row, 0);
}

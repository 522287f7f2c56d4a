// What a whole listing did not find, and whether that is believed. Rule: what one deletes is gone, and what a disk takes along
// that is unplugged is not; where the two look alike it is told, and the owner or a second look a day later decides.
//
//   another disk, or none, stands where one was      held until it is back, or the owner says so
//   most files of a root are missing at once         held for a day, unless the owner says so before
//   anything else                                    gone

import { joinPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Run } from "../run.ts";
import { inOrBelow, inRoot, missingIn } from "../tables/entry-sets.ts";
import { findAgain } from "../tables/folder-rows.ts";
import {
  countMoved,
  countRecorded,
  type Disk,
  find,
  type HeldFolder,
  hadDisks,
  hold,
  holdPath,
  isElsewhere,
  missingFolders,
  restBelow,
  sumMissing,
} from "../tables/held-folders.ts";
import type { ScanRoot } from "./root-identity.ts";

/** So many files that go at once, when they are most of a root, get a second look. */
const MANY_FILES = 100;
/** So many are told, when they are most of a root. */
const WORTH_A_WORD = 20;
const SECOND_LOOK_MS = 86_400_000;
/** `replaced`: another disk is in the folder's place, and nothing in or below it says anything of what was there. */
export type Belief = "believed" | "held" | "replaced";

/** Takes back what is missing in a folder and not believed to be gone. */
export function judgeAbsence(ctx: Context, run: Run, root: ScanRoot, folder: HeldFolder, disk: Disk): Belief {
  if (!folder.believed && isOtherDisk(folder, disk) && missesMost(ctx, folder.id)) {
    keep(ctx, root, folder);
    return "replaced";
  }
  holdLostDisks(ctx, run, root, folder);
  const count = countMissing(ctx, root, folder);
  if (count < 2 || folder.believed) return "believed";
  const all = countRecorded(ctx.store, inRoot(root.id));
  if (count * 2 <= all) return "believed";
  const sinceMs = folder.held === "many-missing" && folder.heldMs !== null ? ctx.now - folder.heldMs : 0;
  const isSecondLook = sinceMs >= SECOND_LOOK_MS || count < MANY_FILES;
  if (isSecondLook && (count >= WORTH_A_WORD || count === all)) run.tell(ctx, "many-gone", root, folder.path, count);
  if (isSecondLook) return "believed";
  // A time ahead of now is that of a clock that was set back since.
  const heldMs = sinceMs > 0 ? folder.heldMs : ctx.now;
  keep(ctx, root, folder);
  hold(ctx.store, folder.id, "many-missing", heldMs);
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
  const { known, missing } = sumMissing(store, folder);
  return missing * 2 > known;
}

/** Nothing in the folder is missing, and what is below it is not looked at until the next sweep. */
function keep({ store }: Context, root: ScanRoot, { id, path }: HeldFolder): void {
  for (const { name } of missingFolders(store, id)) restBelow(store, root.id, joinPath(path, name));
  findAgain(store, id);
}

/** Folders that are not there any more and were disks, or held some: whoever unplugs a disk may take its folder along. */
function holdLostDisks(ctx: Context, run: Run, root: ScanRoot, folder: HeldFolder): void {
  const { store } = ctx;
  for (const { id, name } of missingFolders(store, folder.id)) {
    const path = joinPath(folder.path, name);
    if (!hadDisks(store, root.id, path)) continue;
    restBelow(store, root.id, path);
    find(store, id);
    holdPath(store, root.id, path, ctx.now);
    run.tell(ctx, "disk-away", root, path);
  }
}

/** How many recorded files would be gone, but for those that have only moved. */
function countMissing({ store }: Context, root: ScanRoot, folder: HeldFolder): number {
  let count = countRecorded(store, missingIn(folder.id));
  if (count >= MANY_FILES) count -= countMoved(store, folder.id);
  for (const missing of missingFolders(store, folder.id)) {
    if (isElsewhere(store, missing)) continue;
    count += countRecorded(store, inOrBelow(root.id, joinPath(folder.path, missing.name)));
  }
  return count;
}

// Listing roots folder by folder. Rule: which folders are still to be listed stands in their rows, so a scan goes on
// where it was, in memory that does not grow with the tree.

import type { Answer } from "../../border/answers.ts";
import { asciiJsonLength } from "../../border/ascii-json.ts";
import type { BackupMode } from "../../border/asks.ts";
import type { ListedFolder, ScanFailure, ScannedFolder, Stat } from "../../border/sights.ts";
import type { RootView } from "../../border/views.ts";
import { invariant } from "../../errors.ts";
import { splitPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import type { Run } from "../run.ts";
import { wakeAll } from "../tables/entry-rows.ts";
import { isListable } from "../tables/folder-places.ts";
import {
  breakOffListings,
  findFolder,
  forgetFolder,
  goOnAfter,
  isOwnFolder,
  type ListedRow,
  listAgain,
  listPathAgain,
  listRootAgain,
  markFailed,
  markUnreadable,
  nextDue,
  OWN_FOLDER,
  readDue,
  readNext,
  restRoot,
  startSweep,
  takeBack,
} from "../tables/folder-rows.ts";
import { hold, restStrictlyBelow } from "../tables/held-folders.ts";
import { findRootAt, forgetUnwatched, hasRoot, markSeen, markUnavailable, markUnwatched } from "../tables/root-rows.ts";
import { FolderComparison } from "./folder-comparison.ts";
import { finishFolder } from "./folder-end.ts";
import { isOwnPlace, leaveOut } from "./own-folders.ts";
import { takeRoot } from "./root-entry.ts";
import { compareRoot, readScanRoot, type ScanRoot } from "./root-identity.ts";
import { SecondLooks } from "./second-looks.ts";

/** Characters of paths in one scan; its answer names them again beside the entries. */
const PATH_CHARS_A_SCAN = 60_000;
const ENTRIES_A_SCAN = 500;

/** A root as a scan found it. */
interface SeenRoot extends ScanRoot {
  readonly stat: Stat;
}

/** What a scan was asked for, and which of its folders changed since. */
interface InFlight {
  readonly asked: ReadonlyMap<string, string | null>;
  readonly changed: Set<string>;
}

export class Scanner {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #looks = new SecondLooks();
  #inFlight: InFlight | null = null;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** A process began: a listing that another one had begun is no whole one any more. */
  started(): void {
    breakOffListings(this.#ctx.store);
  }

  /** A run begins, and whoever observes the roots for it says anew where he cannot. */
  begin(mode: BackupMode): void {
    if (mode === "watch") forgetUnwatched(this.#ctx.store);
    if (mode !== "changed") this.startSweep();
  }

  /** Every folder is to be listed from now on, and what could not be read is tried again. */
  startSweep(): void {
    this.#looks.clear();
    startSweep(this.#ctx.store);
    wakeAll(this.#ctx.store);
  }

  /** The host saw changes: list these folders again, or (null) all of the root; what is Coffre's own is no news. */
  changed(locator: string, folders: readonly string[] | null): void {
    const { store } = this.#ctx;
    const root = findRootAt(store, locator);
    if (root === null || root.unavailable === OWN_FOLDER) return;
    if (folders !== null) {
      for (const path of folders) {
        const listed = this.#listNearest(root.id, path);
        if (listed !== null) this.#inFlight?.changed.add(listed);
      }
      return;
    }
    listRootAgain(store, root.id);
    for (const path of this.#inFlight?.asked.keys() ?? []) this.#inFlight?.changed.add(path);
  }

  /**
   * The folder of this path is due, or the nearest one above it that is known: whoever lists that finds what came below it.
   * Returns its path; null when it is Coffre's own. Such a folder changes with every backup, and a row that is written because of
   * it may be the next change.
   */
  #listNearest(root: number, path: string): string | null {
    const { store } = this.#ctx;
    for (let nearest = path; ; nearest = splitPath(nearest).folder) {
      if (isOwnFolder(store, root, nearest)) return null;
      if (listPathAgain(store, root, nearest) || nearest === "") return nearest;
    }
  }

  /** The host cannot see every change below a root, or can again: told at each change, and kept for `status`. */
  unwatched(locator: string, unwatched: boolean): void {
    const { store } = this.#ctx;
    const root = findRootAt(store, locator);
    if (root === null || !markUnwatched(store, root.id, unwatched)) return;
    if (unwatched) this.#run.tell(this.#ctx, "root-unwatched", root, "");
  }

  /** True when nothing is to be listed in a run of this mode. */
  isDone(): boolean {
    return !this.#run.scanInFlight && this.#nextDue() === null;
  }

  /** True when no folder is due, whatever the mode. */
  hasListedAll(): boolean {
    return nextDue(this.#ctx.store, false) === null;
  }

  #nextDue(): ReturnType<typeof nextDue> {
    return nextDue(this.#ctx.store, this.#run.mode === "changed");
  }

  pump(): void {
    if (this.#run.scanInFlight || !this.#ctx.hasRoom()) return;
    const first = this.#nextDue();
    if (first === null) return;
    const root = readScanRoot(this.#ctx, first.root);
    const folders = this.#selectDue(root.id, first.due);
    if (folders.length === 0) {
      this.#ctx.more = true;
      return;
    }
    this.#run.scanInFlight = true;
    const inFlight = { asked: new Map(folders.map(({ path, after }) => [path, after])), changed: new Set<string>() };
    this.#inFlight = inFlight;
    this.#ctx.issue({ kind: "scan", root: root.locator, folders, entries: ENTRIES_A_SCAN }, (answer) => {
      this.#run.scanInFlight = false;
      this.#inFlight = null;
      this.#take(root, answer, inFlight);
    });
  }

  /** Folders that are due, in their order, as many as one effect should name. */
  #selectDue(root: number, due: number): { path: string; after: string | null }[] {
    const { store } = this.#ctx;
    const folders: { path: string; after: string | null }[] = [];
    let chars = 0;
    for (const id of readDue(store, root, due)) {
      const folder = readNext(store, id);
      invariant(folder !== null, "a folder that was due is not there");
      if (!isListable(folder.path)) {
        // Left by a version that asked for what no host can be asked for; its own entry waits and says why.
        forgetFolder(store, id);
        continue;
      }
      chars += asciiJsonLength(folder.path);
      if (folders.length > 0 && chars > PATH_CHARS_A_SCAN) break;
      folders.push(folder);
    }
    return folders;
  }

  #take(root: ScanRoot, answer: Answer<"scan">, inFlight: InFlight): void {
    const { store } = this.#ctx;
    if (!hasRoot(store, root.id)) return;
    switch (answer.kind) {
      case "cancelled":
        return;
      case "failed":
        this.#run.fail("host-error");
        return;
      case "root-unavailable":
        this.#markUnavailable(root, answer.reason);
        return;
      case "scanned":
        switch (compareRoot(this.#ctx, root, answer, inFlight.asked.get(""))) {
          case "replaced":
            this.#markUnavailable(root, "replaced");
            return;
          case "unclear":
            listRootAgain(store, root.id);
            return;
          case "usual":
            break;
        }
        markSeen(store, root.id, answer.identity);
        for (const folder of answer.folders)
          this.#takeFolder({ ...root, identity: answer.identity, stat: answer.stat }, folder, inFlight);
    }
  }

  /** Nothing of an unavailable root is recorded as gone; it is looked at again in the next sweep. */
  #markUnavailable(root: ScanRoot, reason: NonNullable<RootView["unavailable"]>): void {
    const { store } = this.#ctx;
    markUnavailable(store, root.id, reason);
    listRootAgain(store, root.id);
    restRoot(store, root.id);
    this.#run.tell(this.#ctx, "root-unavailable", root, "", undefined, reason);
  }

  #takeFolder(root: SeenRoot, scanned: ScannedFolder, { asked, changed }: InFlight): void {
    const { store } = this.#ctx;
    const folder = findFolder(store, root.id, scanned.path);
    // The folder went with one above it while the host was listing, or nothing above it is believed.
    if (folder === null || folder.due === 0) return;
    // The listing was begun anew meanwhile: this piece is behind a place that the new one has not reached.
    if (folder.after !== (asked.get(scanned.path) ?? null)) return;
    if ("failed" in scanned) {
      this.#takeFailure(root, folder, scanned.failed);
      return;
    }
    if ("own" in scanned || isOwnPlace(this.#run, root, scanned.path)) {
      if (scanned.path === "") this.#markUnavailable(root, OWN_FOLDER);
      else leaveOut(this.#ctx, this.#run, root, folder);
      return;
    }
    if (folder.rule === OWN_FOLDER) {
      takeBack(store, folder.id);
      listPathAgain(store, root.id, splitPath(folder.path).folder);
      return;
    }
    if (folder.after === null && folder.failed !== null) markFailed(store, folder.id, null);
    const comparison = new FolderComparison(this.#ctx, this.#run, root, folder, this.#looks);
    const after = comparison.take(scanned);
    if (comparison.hasNameless) markFailed(store, folder.id, "io");
    if (after !== null) goOnAfter(store, folder.id, after);
    else this.#finish(root, folder, scanned);
    // What changed since the host looked is not in this answer.
    if (changed.has(scanned.path)) listAgain(store, folder.id);
  }

  #finish(root: SeenRoot, folder: ListedRow, listed: ListedFolder): void {
    const disk =
      folder.path === ""
        ? { mounted: true, identity: root.identity }
        : { mounted: listed.mounted === true, identity: listed.mounted === true ? (listed.identity ?? null) : null };
    const belief = finishFolder(this.#ctx, this.#run, root, { id: folder.id, path: folder.path, disk });
    if (folder.path === "" && belief !== "replaced") takeRoot(this.#ctx, this.#run, folder.id, root.stat);
    if (belief === "replaced") this.#holdBelow(root, folder);
    // Sights that contradict each other get a second look at once.
    else if (this.#looks.takeAgain(folder.id)) listAgain(this.#ctx.store, folder.id);
  }

  /** Another disk in a folder's place says nothing of what was on the one before, neither here nor below. */
  #holdBelow(root: ScanRoot, { id, path }: ListedRow): void {
    if (path === "") {
      this.#markUnavailable(root, "replaced");
      return;
    }
    const { store } = this.#ctx;
    restStrictlyBelow(store, root.id, path);
    hold(store, id, "disk-away", this.#ctx.now);
    this.#run.tell(this.#ctx, "disk-away", root, path);
  }

  /** What is not there at first sight is looked at again, with the folder above, which says what became of it. */
  #takeFailure(root: ScanRoot, folder: ListedRow, failed: ScanFailure): void {
    const { store } = this.#ctx;
    const isAway = failed === "vanished" || failed === "not-a-folder";
    if (!isAway || this.#looks.noteFolder(folder.id)) {
      markUnreadable(store, folder.id, failed);
      return;
    }
    listAgain(store, folder.id);
    if (folder.path !== "") listPathAgain(store, root.id, splitPath(folder.path).folder);
  }
}

// Listing roots folder by folder. Rule: which folders are still to be listed stands in their rows, so a scan goes on
// where it was, in memory that does not grow with the tree.

import type { Answer } from "../border/answers.ts";
import { asciiJsonLength } from "../border/ascii-json.ts";
import type { BackupMode } from "../border/asks.ts";
import type { ListedFolder, ScanFailure, ScannedFolder, Stat } from "../border/sights.ts";
import type { RootView } from "../border/views.ts";
import { invariant } from "../errors.ts";
import { boundsBelow, splitPath } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { int, str } from "../store/store.ts";
import { FolderComparison } from "./folder-comparison.ts";
import { finishFolder, markFolderUnreadable } from "./folder-end.ts";
import { isListable } from "./folders.ts";
import { isOwnPlace, leaveOut, OWN_FOLDER, takeBack } from "./own-folders.ts";
import { listAgain, listNearest } from "./relisting.ts";
import { takeRoot } from "./root-entry.ts";
import { compareRoot, readScanRoot, type ScanRoot } from "./root-identity.ts";
import type { Run } from "./run.ts";
import { SecondLooks } from "./second-looks.ts";

const FOLDERS_A_SCAN = 48;
/** Characters of paths in one scan; its answer names them again beside the entries. */
const PATH_CHARS_A_SCAN = 60_000;
const ENTRIES_A_SCAN = 500;

/**
 * Why a folder is to be listed, in the order in which that is done: it was named as changed or is new, a sweep has not come to it
 * yet, or one that was broken off had listed it before the run began.
 */
const DUE = { changed: 1, sweep: 2, nextSweep: 3 } as const;

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
    const { store } = this.#ctx;
    store.run("UPDATE entry SET missing = 0 WHERE missing = 1 AND folder IN (SELECT id FROM folder WHERE missing = 1)");
    store.run("UPDATE folder SET after = NULL, missing = 0 WHERE after IS NOT NULL OR missing = 1");
  }

  /** A run begins, and whoever observes the roots for it says anew where he cannot. */
  begin(mode: BackupMode): void {
    if (mode === "watch") this.#ctx.store.run("UPDATE root SET unwatched = 0 WHERE unwatched = 1");
    if (mode !== "changed") this.startSweep();
  }

  /**
   * Every folder is to be listed from now on, and what could not be read is tried again. A sweep that was broken off goes on
   * with what it had left, and comes to what it had listed already after that.
   */
  startSweep(): void {
    const { store } = this.#ctx;
    this.#looks.clear();
    const isLeft = (due: number): boolean => store.first("SELECT 1 FROM folder WHERE due = ? LIMIT 1", [due]) !== null;
    if (!isLeft(DUE.sweep)) store.run("UPDATE folder SET due = ? WHERE due = ?", [DUE.sweep, DUE.nextSweep]);
    const due = isLeft(DUE.sweep) ? DUE.nextSweep : DUE.sweep;
    store.run("UPDATE folder SET due = ? WHERE due = 0", [due]);
    store.run(
      `UPDATE entry SET state = ${STATE.new}, tries = 0, retry_at = NULL
       WHERE state = ${STATE.waiting} AND kind = ${KIND.file} AND reason NOT IN ('path-too-long', 'out-of-range')`,
    );
  }

  /** The host saw changes: list these folders again, or (null) all of the root; what is Coffre's own is no news. */
  changed(locator: string, folders: readonly string[] | null): void {
    const { store } = this.#ctx;
    const row = store.first("SELECT id, unavailable FROM root WHERE locator = ?", [locator]);
    if (row === null || row[1] === OWN_FOLDER) return;
    const root = int(row, 0);
    if (folders !== null) {
      for (const path of folders) {
        const listed = listNearest(this.#ctx, root, path);
        if (listed !== null) this.#inFlight?.changed.add(listed);
      }
      return;
    }
    listAgain(this.#ctx, "root = ?", [root]);
    for (const path of this.#inFlight?.asked.keys() ?? []) this.#inFlight?.changed.add(path);
  }

  /** The host cannot see every change below a root, or can again: told at each change, and kept for `status`. */
  unwatched(locator: string, unwatched: boolean): void {
    const { store } = this.#ctx;
    const row = store.first("SELECT id, name, unwatched FROM root WHERE locator = ?", [locator]);
    if (row === null || (int(row, 2) === 1) === unwatched) return;
    store.run("UPDATE root SET unwatched = ? WHERE id = ?", [unwatched ? 1 : 0, int(row, 0)]);
    if (unwatched) this.#run.tell(this.#ctx, "root-unwatched", { name: str(row, 1) }, "");
  }

  /** True when nothing is to be listed in a run of this mode. */
  isDone(): boolean {
    return !this.#run.scanInFlight && this.#ctx.store.first(`SELECT 1 FROM folder ${this.#isDue()} LIMIT 1`) === null;
  }

  /** True when no folder is due, whatever the mode. */
  hasListedAll(): boolean {
    return this.#ctx.store.first("SELECT 1 FROM folder WHERE due > 0 LIMIT 1") === null;
  }

  #isDue(): string {
    return this.#run.mode === "changed" ? `WHERE due = ${DUE.changed}` : "WHERE due > 0";
  }

  pump(): void {
    if (this.#run.scanInFlight || !this.#ctx.hasRoom()) return;
    const { store } = this.#ctx;
    const first = store.first(`SELECT root, due FROM folder ${this.#isDue()} ORDER BY due, id LIMIT 1`);
    if (first === null) return;
    const root = readScanRoot(this.#ctx, int(first, 0));
    const folders = this.#selectDue(root.id, int(first, 1));
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
  #selectDue(root: number, rank: number): { path: string; after: string | null }[] {
    const { store } = this.#ctx;
    const due = store.all(`SELECT id FROM folder WHERE due = ? AND root = ? ORDER BY id LIMIT ${FOLDERS_A_SCAN}`, [
      rank,
      root,
    ]);
    const folders: { path: string; after: string | null }[] = [];
    let chars = 0;
    for (const { 0: id = null } of due) {
      const row = store.first("SELECT path, after FROM folder WHERE id = ?", [id]);
      invariant(row !== null, "a folder that was due is not there");
      if (!isListable(str(row, 0))) {
        // Left by a version that asked for what no host can be asked for; its own entry waits and says why.
        store.run("DELETE FROM folder WHERE id = ?", [id]);
        continue;
      }
      chars += asciiJsonLength(str(row, 0));
      if (folders.length > 0 && chars > PATH_CHARS_A_SCAN) break;
      folders.push({ path: str(row, 0), after: row[1] === null ? null : str(row, 1) });
    }
    return folders;
  }

  #take(root: ScanRoot, answer: Answer<"scan">, inFlight: InFlight): void {
    const { store } = this.#ctx;
    if (store.first("SELECT 1 FROM root WHERE id = ?", [root.id]) === null) return;
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
            listAgain(this.#ctx, "root = ?", [root.id]);
            return;
          case "usual":
            break;
        }
        store.run("UPDATE root SET identity = ?, unavailable = NULL WHERE id = ?", [answer.identity, root.id]);
        for (const folder of answer.folders)
          this.#takeFolder({ ...root, identity: answer.identity, stat: answer.stat }, folder, inFlight);
    }
  }

  /** Nothing of an unavailable root is recorded as gone; it is looked at again in the next sweep. */
  #markUnavailable(root: ScanRoot, reason: NonNullable<RootView["unavailable"]>): void {
    const { store } = this.#ctx;
    store.run("UPDATE root SET unavailable = ? WHERE id = ?", [reason, root.id]);
    listAgain(this.#ctx, "root = ?", [root.id]);
    store.run("UPDATE folder SET due = 0 WHERE root = ?", [root.id]);
    this.#run.tell(this.#ctx, "root-unavailable", root, "", undefined, reason);
  }

  #takeFolder(root: SeenRoot, scanned: ScannedFolder, { asked, changed }: InFlight): void {
    const { store } = this.#ctx;
    const row = store.first("SELECT id, after, rule, missing, due, failed FROM folder WHERE root = ? AND path = ?", [
      root.id,
      scanned.path,
    ]);
    // The folder went with one above it while the host was listing, or nothing above it is believed.
    if (row === null || int(row, 4) === 0) return;
    const folder = {
      id: int(row, 0),
      path: scanned.path,
      after: row[1] === null ? null : str(row, 1),
      rule: row[2] === null ? null : str(row, 2),
      missing: int(row, 3),
    };
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
      takeBack(this.#ctx, folder.id);
      listAgain(this.#ctx, "root = ? AND path = ?", [root.id, splitPath(folder.path).folder]);
      return;
    }
    if (folder.after === null && row[5] !== null)
      store.run("UPDATE folder SET failed = NULL WHERE id = ?", [folder.id]);
    const comparison = new FolderComparison(this.#ctx, this.#run, root, folder, this.#looks);
    const after = comparison.take(scanned);
    if (comparison.hasNameless) store.run("UPDATE folder SET failed = 'io' WHERE id = ?", [folder.id]);
    if (after !== null) store.run("UPDATE folder SET after = ? WHERE id = ?", [after, folder.id]);
    else this.#finish(root, folder, scanned);
    // What changed since the host looked is not in this answer.
    if (changed.has(scanned.path)) listAgain(this.#ctx, "id = ?", [folder.id]);
  }

  #finish(root: SeenRoot, folder: { id: number; path: string }, listed: ListedFolder): void {
    const disk =
      folder.path === ""
        ? { mounted: true, identity: root.identity }
        : { mounted: listed.mounted === true, identity: listed.mounted === true ? (listed.identity ?? null) : null };
    const belief = finishFolder(this.#ctx, this.#run, root, { ...folder, disk });
    if (folder.path === "" && belief !== "replaced") takeRoot(this.#ctx, this.#run, folder.id, root.stat);
    if (belief === "replaced") this.#holdBelow(root, folder);
    // Sights that contradict each other get a second look at once.
    else if (this.#looks.takeAgain(folder.id)) listAgain(this.#ctx, "id = ?", [folder.id]);
  }

  /** Another disk in a folder's place says nothing of what was on the one before, neither here nor below. */
  #holdBelow(root: ScanRoot, { id, path }: { id: number; path: string }): void {
    if (path === "") {
      this.#markUnavailable(root, "replaced");
      return;
    }
    const { store } = this.#ctx;
    store.run("UPDATE folder SET due = 0, after = NULL WHERE root = ? AND path > ? AND path < ?", [
      root.id,
      ...boundsBelow(path),
    ]);
    store.run("UPDATE folder SET held = 'disk-away', held_ms = ? WHERE id = ?", [this.#ctx.now, id]);
    this.#run.tell(this.#ctx, "disk-away", root, path);
  }

  /** What is not there at first sight is looked at again, with the folder above, which says what became of it. */
  #takeFailure(root: ScanRoot, folder: { id: number; path: string }, failed: ScanFailure): void {
    const isAway = failed === "vanished" || failed === "not-a-folder";
    if (!isAway || this.#looks.noteFolder(folder.id)) {
      markFolderUnreadable(this.#ctx, folder.id, failed);
      return;
    }
    listAgain(this.#ctx, "id = ?", [folder.id]);
    if (folder.path !== "") listAgain(this.#ctx, "root = ? AND path = ?", [root.id, splitPath(folder.path).folder]);
  }
}

// Listing roots folder by folder. Rule: which folders are still to be listed stands in their rows, so a scan goes on
// where it was, in memory that does not grow with the tree.

import type { Answer, ScannedFolder } from "../border/effects.ts";
import { invariant } from "../errors.ts";
import type { Pattern } from "../exclusion/patterns.ts";
import { parsePatterns } from "../exclusion/patterns.ts";
import { asciiJsonLength } from "../runtime/ascii-json.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import { int, str } from "../store/store.ts";
import { FolderComparison } from "./folder-comparison.ts";
import { finishFolder, markFolderUnreadable } from "./folder-end.ts";
import { listAgain } from "./relisting.ts";
import type { Run } from "./run.ts";

const FOLDERS_A_SCAN = 48;
/** Characters of paths in one scan; its answer names them again beside the entries. */
const PATH_CHARS_A_SCAN = 60_000;
const ENTRIES_A_SCAN = 500;

export interface ScanRoot {
  readonly id: number;
  readonly locator: string;
  readonly patterns: readonly Pattern[];
  readonly identity: string | null;
}

/** What a scan was asked for, and which of its folders changed since. */
interface InFlight {
  readonly asked: ReadonlyMap<string, string | null>;
  readonly changed: Set<string>;
}

export class Scanner {
  readonly #ctx: Context;
  readonly #run: Run;
  #inFlight: InFlight | null = null;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** Every folder is to be listed again, and what could not be read is tried again. */
  startSweep(): void {
    const { store } = this.#ctx;
    store.run("UPDATE folder SET due = 1, after = NULL, missing = 0, failed = NULL");
    store.run("UPDATE entry SET missing = 0 WHERE missing = 1");
    store.run("UPDATE entry SET state = ?, tries = 0, retry_at = NULL WHERE state = ? AND kind = 1 AND reason <> ?", [
      STATE.new,
      STATE.waiting,
      "path-too-long",
    ]);
  }

  /** The host saw changes: list these folders again, or all of the root (null, or a folder that we do not know). */
  changed(locator: string, folders: readonly string[] | null): void {
    const { store } = this.#ctx;
    const row = store.first("SELECT id FROM root WHERE locator = ?", [locator]);
    if (row === null) return;
    const root = int(row, 0);
    let isKnown = folders !== null;
    for (const path of folders ?? []) {
      if (listAgain(this.#ctx, "root = ? AND path = ?", [root, path]) === 0) isKnown = false;
      else this.#inFlight?.changed.add(path);
    }
    if (isKnown) return;
    listAgain(this.#ctx, "root = ?", [root]);
    for (const path of this.#inFlight?.asked.keys() ?? []) this.#inFlight?.changed.add(path);
  }

  isDone(): boolean {
    return !this.#run.scanInFlight && this.#ctx.store.first("SELECT 1 FROM folder WHERE due = 1 LIMIT 1") === null;
  }

  pump(): void {
    if (this.#run.scanInFlight || !this.#ctx.hasRoom()) return;
    const { store } = this.#ctx;
    const first = store.first("SELECT root FROM folder WHERE due = 1 ORDER BY id LIMIT 1");
    if (first === null) return;
    const root = this.#readRoot(int(first, 0));
    const folders = this.#selectDue(root.id);
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
  #selectDue(root: number): { path: string; after: string | null }[] {
    const { store } = this.#ctx;
    const due = store.all(`SELECT id FROM folder WHERE due = 1 AND root = ? ORDER BY id LIMIT ${FOLDERS_A_SCAN}`, [
      root,
    ]);
    const folders: { path: string; after: string | null }[] = [];
    let chars = 0;
    for (const { 0: id = null } of due) {
      const row = store.first("SELECT path, after FROM folder WHERE id = ?", [id]);
      invariant(row !== null, "a folder that was due is not there");
      chars += asciiJsonLength(str(row, 0));
      if (folders.length > 0 && chars > PATH_CHARS_A_SCAN) break;
      folders.push({ path: str(row, 0), after: row[1] === null ? null : str(row, 1) });
    }
    return folders;
  }

  #readRoot(id: number): ScanRoot {
    const row = this.#ctx.store.first("SELECT locator, excludes, identity FROM root WHERE id = ?", [id]);
    invariant(row !== null, "a folder without its root");
    const patterns = parsePatterns(JSON.parse(str(row, 1)) as string[]);
    return { id, locator: str(row, 0), patterns, identity: row[2] === null ? null : str(row, 2) };
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
        switch (this.#compareRoot(root, answer.identity, answer.folders, inFlight)) {
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
        for (const folder of answer.folders) this.#takeFolder(root, folder, inFlight);
    }
  }

  /** Nothing of an unavailable root is recorded as gone; it is looked at again in the next sweep. */
  #markUnavailable(root: ScanRoot, reason: string): void {
    const { store } = this.#ctx;
    store.run("UPDATE root SET unavailable = ? WHERE id = ?", [reason, root.id]);
    listAgain(this.#ctx, "root = ?", [root.id]);
    store.run("UPDATE folder SET due = 0 WHERE root = ?", [root.id]);
    const row = store.first("SELECT name FROM root WHERE id = ?", [root.id]);
    this.#ctx.show({ kind: "notice", code: "root-unavailable", root: row === null ? "" : str(row, 0) });
  }

  /**
   * Another folder in the root's place that is empty is an unmounted disk, not an owner who deleted everything. Whether it is
   * empty only a listing from its beginning says: without one it is unclear, and all is listed again.
   */
  #compareRoot(
    root: ScanRoot,
    identity: string,
    folders: readonly ScannedFolder[],
    { asked }: InFlight,
  ): "usual" | "replaced" | "unclear" {
    if (root.identity === null || root.identity === identity) return "usual";
    const top = folders.find((folder) => folder.path === "");
    if (top === undefined || "failed" in top || asked.get("") !== null) return "unclear";
    if (top.entries.length > 0) return "usual";
    const known = "SELECT 1 FROM entry e JOIN folder f ON f.id = e.folder WHERE f.root = ? AND f.path = '' LIMIT 1";
    return this.#ctx.store.first(known, [root.id]) === null ? "usual" : "replaced";
  }

  #takeFolder(root: ScanRoot, scanned: ScannedFolder, { asked, changed }: InFlight): void {
    const { store } = this.#ctx;
    const row = store.first("SELECT id, after, rule FROM folder WHERE root = ? AND path = ?", [root.id, scanned.path]);
    // The folder went with one above it while the host was listing.
    if (row === null) return;
    const folder = {
      id: int(row, 0),
      path: scanned.path,
      after: row[1] === null ? null : str(row, 1),
      rule: row[2] === null ? null : str(row, 2),
    };
    // The listing was begun anew meanwhile: this piece is behind a place that the new one has not reached.
    if (folder.after !== (asked.get(scanned.path) ?? null)) return;
    if ("failed" in scanned) {
      markFolderUnreadable(this.#ctx, folder.id, scanned.failed);
      return;
    }
    const comparison = new FolderComparison(this.#ctx, this.#run, root, folder);
    const after = comparison.take(scanned.entries, scanned.end);
    if (after !== null) store.run("UPDATE folder SET after = ? WHERE id = ?", [after, folder.id]);
    else finishFolder(this.#ctx, this.#run, root, folder.id, scanned.path);
    // What changed since the host looked is not in this answer.
    if (changed.has(scanned.path)) listAgain(this.#ctx, "id = ?", [folder.id]);
  }
}

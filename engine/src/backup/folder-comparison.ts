// What a folder's listing says against what the rows know. Both come in order of names, so one pass over both finds what is
// new, changed, unchanged and missing. Rule: what is unchanged costs no write.

import type { WaitingReason } from "../border/reasons.ts";
import type { ListedFolder, UnreadableEntry } from "../border/sights.ts";
import { findRule } from "../exclusion/patterns.ts";
import { compareNames, joinPath, splitNames } from "../format/path.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import type { Row, StoreValue } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { kindOf, reasonOf, statOf } from "./entry-columns.ts";
import { forgetBelow, MISSING } from "./folder-end.ts";
import { isListable } from "./folders.ts";
import { isOwnFolder, isOwnPlace, OWN_FOLDER } from "./own-folders.ts";
import { forgetPieces } from "./pieces.ts";
import type { ScanRoot } from "./root-identity.ts";
import type { Run } from "./run.ts";
import type { SeenEntry } from "./scanned-entry.ts";
import { readScanned } from "./scanned-entry.ts";
import type { SecondLooks } from "./second-looks.ts";
import { UnseenEntries } from "./unseen-entries.ts";

/** Rows read for one comparison; a longer stretch is compared in several steps. */
const ROWS_A_STRETCH = 600;

interface Folder {
  readonly id: number;
  readonly path: string;
  /** Names up to this one were compared already. */
  readonly after: string | null;
  /** The rule that excludes the folder and so everything in it. */
  readonly rule: string | null;
  /** One of `MISSING`. */
  readonly missing: number;
}

const COLUMNS =
  "id, name, kind, state, size, mtime_s, mtime_us, ctime_s, ctime_us, mode, identity, racy, rule, unseen, reason";
const INSERT = `INSERT INTO entry (folder, name, kind, state, size, mtime_s, mtime_us, ctime_s, ctime_us, mode, identity, target,
  reason, rule, unseen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `UPDATE entry SET kind = ?, state = ?, size = ?, mtime_s = ?, mtime_us = ?, ctime_s = ?, ctime_us = ?, mode = ?,
  identity = ?, target = ?, reason = ?, rule = ?, hashed = 0, pending = 0, noted = 0, racy = 0, missing = 0, tries = 0,
  retry_at = NULL, unseen = NULL, version = CASE WHEN ? = 1 THEN '' ELSE version END, replaces = replaces | ? WHERE id = ?`;

export class FolderComparison {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #root: ScanRoot;
  readonly #folder: Folder;
  readonly #looks: SecondLooks;
  readonly #components: readonly string[];
  readonly #inserts: Row[] = [];
  readonly #updates: Row[] = [];
  readonly #changedIds: number[] = [];
  readonly #missing: Row[] = [];
  readonly #newFolders: Row[] = [];
  readonly #folderRules: Row[] = [];
  readonly #unseen: UnseenEntries;
  readonly #seen: Row[] = [];
  /** True when an entry had no name: something is there that cannot be told. */
  hasNameless = false;
  #ready = 0;
  #trustsAbsence = true;

  constructor(ctx: Context, run: Run, root: ScanRoot, folder: Folder, looks: SecondLooks) {
    this.#ctx = ctx;
    this.#run = run;
    this.#root = root;
    this.#folder = folder;
    this.#looks = looks;
    this.#unseen = new UnseenEntries(ctx, run, folder.id);
    this.#components = splitNames(folder.path);
  }

  /** Compares a piece of the listing. Returns the name behind which the listing is to go on, null when it is complete. */
  take({ entries: told, end, partial }: ListedFolder): string | null {
    const entries = told.map(readScanned).filter((entry) => entry !== null);
    this.hasNameless = entries.length < told.length;
    if (partial === true || this.hasNameless) this.#trustsAbsence = false;
    const last = entries[entries.length - 1]?.name ?? null;
    if (last === null && !end) return this.#folder.after ?? "";
    const rows = this.#readKnown(end ? null : last);
    // A stretch of rows without end is compared up to the last row that was read.
    const lastRow = rows[rows.length - 1];
    const cut = rows.length === ROWS_A_STRETCH && lastRow !== undefined ? str(lastRow, 1) : null;
    this.#merge(cut === null ? entries : entries.filter((entry) => compareNames(entry.name, cut) <= 0), rows);
    this.#write();
    if (cut !== null) return cut;
    return end ? null : last;
  }

  #readKnown(upTo: string | null): Row[] {
    const { store } = this.#ctx;
    const bounds = upTo === null ? "" : " AND name <= ?";
    const params: StoreValue[] = [this.#folder.id, this.#folder.after ?? ""];
    if (upTo !== null) params.push(upTo);
    const sql = `SELECT ${COLUMNS} FROM entry WHERE folder = ? AND name > ?${bounds} ORDER BY name LIMIT ${ROWS_A_STRETCH}`;
    return store.all(sql, params);
  }

  #merge(entries: readonly (SeenEntry | UnreadableEntry)[], rows: readonly Row[]): void {
    let next = 0;
    for (const entry of entries) {
      while (next < rows.length && compareNames(str(rows[next] as Row, 1), entry.name) < 0) {
        this.#missing.push([int(rows[next] as Row, 0)]);
        next += 1;
      }
      const row = rows[next];
      const known = row !== undefined && str(row, 1) === entry.name ? row : null;
      if (known !== null) next += 1;
      if ("failed" in entry) this.#takeUnreadable(entry, known);
      else if (known === null) this.#takeNew(entry);
      else this.#takeKnown(entry, known);
    }
    for (; next < rows.length; next++) this.#missing.push([int(rows[next] as Row, 0)]);
  }

  /** What is known stays as it was, and waits: nobody can say any more that it is what was synced. */
  #takeUnreadable({ name, failed }: UnreadableEntry, known: Row | null): void {
    // What vanished while it was listed is the next listing's to report.
    if (failed === "vanished" && !this.#looks.noteName(this.#folder.id, name)) return;
    const isFolder = known !== null && int(known, 2) === KIND.folder;
    const rule = this.#folder.rule ?? findRule(this.#root.patterns, [...this.#components, name], isFolder);
    const sight = { name, rule, reason: reasonOf(failed) };
    if (known === null) this.#unseen.addNew(sight);
    else this.#unseen.addKnown(sight, known[13], int(known, 3) === STATE.excluded, int(known, 0));
  }

  #takeNew(entry: SeenEntry): void {
    const { state, rule, reason } = this.#judge(entry, null);
    this.#inserts.push([this.#folder.id, entry.name, kindOf(entry), state, ...statOf(entry), reason, rule, null]);
    if (entry.kind === "folder" && reason !== "path-too-long")
      this.#newFolders.push([this.#root.id, joinPath(this.#folder.path, entry.name), rule]);
    if (state === STATE.ready) this.#ready += 1;
    if (entry.kind === "file" && state !== STATE.excluded) {
      this.#run.counters.filesTotal += 1;
      this.#run.counters.bytesTotal += entry.sizeBytes;
    }
  }

  #takeKnown(entry: SeenEntry, row: Row): void {
    const { state, rule, reason } = this.#judge(entry, row[12]);
    const wasExcluded = int(row, 3) === STATE.excluded;
    const isExcluded = state === STATE.excluded;
    if (wasExcluded === isExcluded && row[12] === rule && this.#isUnchanged(entry, row)) {
      if (row[13] !== null) this.#seen.push([int(row, 0)]);
      return;
    }
    const kind = kindOf(entry);
    const isBack = int(row, 3) === STATE.gone || int(row, 3) === STATE.goneRecording;
    // The rows of a folder that was gone, and of all below it, were forgotten when it went.
    const wasFolder = int(row, 2) === KIND.folder && !isBack;
    if (wasFolder && kind !== KIND.folder)
      forgetBelow(this.#ctx, this.#run, this.#root.id, joinPath(this.#folder.path, entry.name));
    if (kind === KIND.folder && reason !== "path-too-long") {
      const path = joinPath(this.#folder.path, entry.name);
      if (wasFolder) this.#folderRules.push([rule, this.#root.id, path]);
      else this.#newFolders.push([this.#root.id, path, rule]);
    }
    // What the log calls gone, or a folder, is recorded anew: even when it is the version that it was.
    const replaced = isBack || (wasFolder && kind !== KIND.folder) ? 1 : 0;
    this.#changedIds.push(int(row, 0));
    this.#updates.push([kind, state, ...statOf(entry), reason, rule, replaced, replaced, int(row, 0)]);
    if (state === STATE.ready) this.#ready += 1;
    this.#count(entry, row, isExcluded, isBack);
  }

  #count(entry: SeenEntry, row: Row, isExcluded: boolean, isBack: boolean): void {
    const { counters } = this.#run;
    const counted = int(row, 2) === KIND.file && int(row, 3) !== STATE.excluded && !isBack;
    if (counted) {
      counters.filesTotal -= 1;
      counters.bytesTotal -= int(row, 4);
      if (int(row, 3) === STATE.synced) {
        counters.filesDone -= 1;
        counters.bytesDone -= int(row, 4);
      }
    }
    if (entry.kind === "file" && !isExcluded) {
      counters.filesTotal += 1;
      counters.bytesTotal += entry.sizeBytes;
    }
  }

  /** A folder's size and ctime move with what is in it, so only its own times and mode count. */
  #isUnchanged(entry: SeenEntry, row: Row): boolean {
    const state = int(row, 3);
    if (entry.isBeyondFormat !== (row[14] === "out-of-range")) return false;
    if (state === STATE.gone || state === STATE.goneRecording || kindOf(entry) !== int(row, 2)) return false;
    if (entry.mtimeS !== row[5] || entry.mtimeUs !== row[6] || (entry.mode ?? null) !== row[9]) return false;
    if (entry.kind === "folder") return true;
    // A change within the same tick as the reading leaves no trace in a stat.
    if (row[11] === 1) return false;
    return (
      entry.sizeBytes === row[4] &&
      (entry.ctimeS ?? null) === row[7] &&
      (entry.ctimeUs ?? null) === row[8] &&
      entry.identity === row[10]
    );
  }

  /** What becomes of an entry: excluded by which rule, waiting for which reason, to be hashed, or ready to be recorded. */
  #judge(
    entry: SeenEntry,
    before: StoreValue | undefined,
  ): { state: number; rule: string | null; reason: WaitingReason | null } {
    const rule = this.#ruleFor(entry, before);
    if (rule !== null) return { state: STATE.excluded, rule, reason: null };
    const path = joinPath(this.#folder.path, entry.name);
    if (!isListable(path)) return { state: STATE.waiting, rule: null, reason: "path-too-long" };
    if (entry.isBeyondFormat) return { state: STATE.waiting, rule: null, reason: "out-of-range" };
    return { state: entry.kind === "file" ? STATE.new : STATE.ready, rule: null, reason: null };
  }

  /** `before` is the rule that excluded the entry so far. */
  #ruleFor(entry: SeenEntry, before: StoreValue | undefined): string | null {
    const isFolder = entry.kind === "folder";
    if (isFolder && this.#isOwn(entry.name, before)) return OWN_FOLDER;
    if (this.#folder.rule !== null) return this.#folder.rule;
    if (entry.kind !== "file" && entry.kind !== "folder" && entry.kind !== "link") return `kind:${entry.kind}`;
    return findRule(this.#root.patterns, [...this.#components, entry.name], isFolder);
  }

  /** Only a folder's own listing finds a mark in it, or none any more. */
  #isOwn(name: string, before: StoreValue | undefined): boolean {
    const path = joinPath(this.#folder.path, name);
    if (isOwnPlace(this.#run, this.#root, path)) return true;
    return before === OWN_FOLDER && isOwnFolder(this.#ctx, this.#root.id, path);
  }

  #write(): void {
    const { store } = this.#ctx;
    for (let i = 0; i < this.#changedIds.length; i += 500) {
      const ids = this.#changedIds.slice(i, i + 500);
      forgetPieces(this.#ctx, ids.map(() => "?").join(","), ids);
    }
    store.runMany(UPDATE, this.#updates);
    store.runMany(INSERT, this.#inserts);
    store.runMany("INSERT OR IGNORE INTO folder (root, path, due, rule) VALUES (?, ?, 1, ?)", this.#newFolders);
    store.runMany("UPDATE folder SET rule = ?, due = 1 WHERE root = ? AND path = ?", this.#folderRules);
    this.#unseen.write();
    store.runMany("UPDATE entry SET unseen = NULL WHERE id = ?", this.#seen);
    if (!this.#trustsAbsence) this.#markUnknown();
    else if (this.#missing.length > 0 && this.#folder.missing !== MISSING.unknown) {
      store.runMany("UPDATE entry SET missing = 1 WHERE id = ?", this.#missing);
      store.run("UPDATE folder SET missing = ? WHERE id = ?", [MISSING.something, this.#folder.id]);
    }
    this.#run.addReady(this.#ctx, this.#ready);
  }

  /** One piece that may lack names, and the whole listing says of nothing that it has gone. */
  #markUnknown(): void {
    if (this.#folder.missing === MISSING.unknown) return;
    const { store } = this.#ctx;
    store.run("UPDATE folder SET missing = ? WHERE id = ?", [MISSING.unknown, this.#folder.id]);
    store.run("UPDATE entry SET missing = 0 WHERE folder = ? AND missing = 1", [this.#folder.id]);
  }
}

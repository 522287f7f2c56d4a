// What a folder's listing says against what the rows know. Both come in order of names, so one pass over both finds what is
// new, changed, unchanged and missing. Rule: what is unchanged costs no write.

import type { WaitingReason } from "../../border/reasons.ts";
import type { ListedFolder, UnreadableEntry } from "../../border/sights.ts";
import { findRule } from "../../exclusion/patterns.ts";
import { compareNames, joinPath, splitNames } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import { KIND, STATE } from "../../store/schema.ts";
import type { Run } from "../run.ts";
import { entriesById } from "../tables/entry-sets.ts";
import { isListable } from "../tables/folder-places.ts";
import {
  addFolders,
  type FolderRule,
  isOwnFolder,
  type ListedRow,
  MISSING,
  markMissing,
  markRules,
  OWN_FOLDER,
  trustNoAbsence,
} from "../tables/folder-rows.ts";
import { type KnownEntry, ROWS_A_STRETCH, readKnown } from "../tables/known-entries.ts";
import { forgetPieces } from "../tables/piece-rows.ts";
import { addFound, markChanged, markSeen, type Sighting } from "../tables/sighted-rows.ts";
import { kindOf, reasonOf, statOf } from "./entry-columns.ts";
import { forgetBelow } from "./folder-end.ts";
import { isOwnPlace } from "./own-folders.ts";
import type { ScanRoot } from "./root-identity.ts";
import type { SeenEntry } from "./scanned-entry.ts";
import { readScanned } from "./scanned-entry.ts";
import type { SecondLooks } from "./second-looks.ts";
import { UnseenEntries } from "./unseen-entries.ts";

/** Entries whose pieces are forgotten at once; SQLite 3.18 binds at most 999 variables. */
const IDS_A_QUERY = 500;

export class FolderComparison {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #root: ScanRoot;
  readonly #folder: ListedRow;
  readonly #looks: SecondLooks;
  readonly #components: readonly string[];
  readonly #found: (Sighting & { readonly name: string })[] = [];
  readonly #changed: (Sighting & { readonly id: number; readonly isReplaced: boolean })[] = [];
  readonly #missing: number[] = [];
  readonly #newFolders: FolderRule[] = [];
  readonly #folderRules: FolderRule[] = [];
  readonly #unseen: UnseenEntries;
  readonly #seen: number[] = [];
  /** True when an entry had no name: something is there that cannot be told. */
  hasNameless = false;
  #ready = 0;
  #trustsAbsence = true;

  constructor(ctx: Context, run: Run, root: ScanRoot, folder: ListedRow, looks: SecondLooks) {
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
    const rows = readKnown(this.#ctx.store, this.#folder.id, this.#folder.after ?? "", end ? null : last);
    // A stretch of rows without end is compared up to the last row that was read.
    const cut = rows.length === ROWS_A_STRETCH ? (rows.at(-1)?.name ?? null) : null;
    this.#merge(cut === null ? entries : entries.filter((entry) => compareNames(entry.name, cut) <= 0), rows);
    this.#write();
    if (cut !== null) return cut;
    return end ? null : last;
  }

  #merge(entries: readonly (SeenEntry | UnreadableEntry)[], rows: readonly KnownEntry[]): void {
    let next = 0;
    for (const entry of entries) {
      for (let row = rows[next]; row !== undefined && compareNames(row.name, entry.name) < 0; row = rows[next]) {
        this.#missing.push(row.id);
        next += 1;
      }
      const row = rows[next];
      const known = row !== undefined && row.name === entry.name ? row : null;
      if (known !== null) next += 1;
      if ("failed" in entry) this.#takeUnreadable(entry, known);
      else if (known === null) this.#takeNew(entry);
      else this.#takeKnown(entry, known);
    }
    for (const row of rows.slice(next)) this.#missing.push(row.id);
  }

  /** What is known stays as it was, and waits: nobody can say any more that it is what was synced. */
  #takeUnreadable({ name, failed }: UnreadableEntry, known: KnownEntry | null): void {
    // What vanished while it was listed is the next listing's to report.
    if (failed === "vanished" && !this.#looks.noteName(this.#folder.id, name)) return;
    const isFolder = known?.kind === KIND.folder;
    const rule = this.#folder.rule ?? findRule(this.#root.patterns, [...this.#components, name], isFolder);
    if (known === null) this.#unseen.addNew(name, rule, reasonOf(failed));
    else this.#unseen.addKnown(known, rule, reasonOf(failed));
  }

  #takeNew(entry: SeenEntry): void {
    const { state, rule, reason } = this.#judge(entry, null);
    this.#found.push({ name: entry.name, kind: kindOf(entry), state, ...statOf(entry), reason, rule });
    if (entry.kind === "folder" && reason !== "path-too-long") this.#newFolders.push(this.#ruleOf(entry.name, rule));
    if (state === STATE.ready) this.#ready += 1;
    if (entry.kind === "file" && state !== STATE.excluded) {
      this.#run.counters.filesTotal += 1;
      this.#run.counters.bytesTotal += entry.sizeBytes;
    }
  }

  #takeKnown(entry: SeenEntry, row: KnownEntry): void {
    const { state, rule, reason } = this.#judge(entry, row.rule);
    const wasExcluded = row.state === STATE.excluded;
    const isExcluded = state === STATE.excluded;
    if (wasExcluded === isExcluded && row.rule === rule && isUnchanged(entry, row)) {
      if (row.unseen !== null) this.#seen.push(row.id);
      return;
    }
    const kind = kindOf(entry);
    const isBack = row.state === STATE.gone || row.state === STATE.goneRecording;
    // The rows of a folder that was gone, and of all below it, were forgotten when it went.
    const wasFolder = row.kind === KIND.folder && !isBack;
    if (wasFolder && kind !== KIND.folder)
      forgetBelow(this.#ctx, this.#run, this.#root.id, joinPath(this.#folder.path, entry.name));
    if (kind === KIND.folder && reason !== "path-too-long")
      (wasFolder ? this.#folderRules : this.#newFolders).push(this.#ruleOf(entry.name, rule));
    // What the log calls gone, or a folder, is recorded anew: even when it is the version that it was.
    const isReplaced = isBack || (wasFolder && kind !== KIND.folder);
    this.#changed.push({ id: row.id, kind, state, ...statOf(entry), reason, rule, isReplaced });
    if (state === STATE.ready) this.#ready += 1;
    this.#count(entry, row, isExcluded, isBack);
  }

  #ruleOf(name: string, rule: string | null): FolderRule {
    return { root: this.#root.id, path: joinPath(this.#folder.path, name), rule };
  }

  #count(entry: SeenEntry, row: KnownEntry, isExcluded: boolean, isBack: boolean): void {
    const { counters } = this.#run;
    const counted = row.kind === KIND.file && row.state !== STATE.excluded && !isBack;
    if (counted) {
      counters.filesTotal -= 1;
      counters.bytesTotal -= row.sizeBytes;
      if (row.state === STATE.synced) {
        counters.filesDone -= 1;
        counters.bytesDone -= row.sizeBytes;
      }
    }
    if (entry.kind === "file" && !isExcluded) {
      counters.filesTotal += 1;
      counters.bytesTotal += entry.sizeBytes;
    }
  }

  /** What becomes of an entry: excluded by which rule, waiting for which reason, to be hashed, or ready to be recorded. */
  #judge(
    entry: SeenEntry,
    before: string | null,
  ): { state: number; rule: string | null; reason: WaitingReason | null } {
    const rule = this.#ruleFor(entry, before);
    if (rule !== null) return { state: STATE.excluded, rule, reason: null };
    const path = joinPath(this.#folder.path, entry.name);
    if (!isListable(path)) return { state: STATE.waiting, rule: null, reason: "path-too-long" };
    if (entry.isBeyondFormat) return { state: STATE.waiting, rule: null, reason: "out-of-range" };
    return { state: entry.kind === "file" ? STATE.new : STATE.ready, rule: null, reason: null };
  }

  /** `before` is the rule that excluded the entry so far. */
  #ruleFor(entry: SeenEntry, before: string | null): string | null {
    const isFolder = entry.kind === "folder";
    if (isFolder && this.#isOwn(entry.name, before)) return OWN_FOLDER;
    if (this.#folder.rule !== null) return this.#folder.rule;
    if (entry.kind !== "file" && entry.kind !== "folder" && entry.kind !== "link") return `kind:${entry.kind}`;
    return findRule(this.#root.patterns, [...this.#components, entry.name], isFolder);
  }

  /** Only a folder's own listing finds a mark in it, or none any more. */
  #isOwn(name: string, before: string | null): boolean {
    const path = joinPath(this.#folder.path, name);
    if (isOwnPlace(this.#run, this.#root, path)) return true;
    return before === OWN_FOLDER && isOwnFolder(this.#ctx.store, this.#root.id, path);
  }

  #write(): void {
    const { store } = this.#ctx;
    const folder = this.#folder;
    for (let i = 0; i < this.#changed.length; i += IDS_A_QUERY) {
      forgetPieces(store, entriesById(this.#changed.slice(i, i + IDS_A_QUERY).map(({ id }) => id)));
    }
    markChanged(store, this.#changed);
    addFound(store, folder.id, this.#found);
    addFolders(store, this.#newFolders);
    markRules(store, this.#folderRules);
    this.#unseen.write();
    markSeen(store, this.#seen);
    // One piece that may lack names, and the whole listing says of nothing that it has gone.
    if (folder.missing !== MISSING.unknown) {
      if (!this.#trustsAbsence) trustNoAbsence(store, folder.id);
      else if (this.#missing.length > 0) markMissing(store, folder.id, this.#missing);
    }
    this.#run.addReady(this.#ctx, this.#ready);
  }
}

/** A folder's size and ctime move with what is in it, so only its own times and mode count. */
function isUnchanged(entry: SeenEntry, row: KnownEntry): boolean {
  if (entry.isBeyondFormat !== (row.reason === "out-of-range")) return false;
  if (row.state === STATE.gone || row.state === STATE.goneRecording || kindOf(entry) !== row.kind) return false;
  if (entry.mtimeS !== row.mtimeS || entry.mtimeUs !== row.mtimeUs || (entry.mode ?? null) !== row.mode) return false;
  if (entry.kind === "folder") return true;
  // A change within the same tick as the reading leaves no trace in a stat.
  if (row.isRacy) return false;
  return (
    entry.sizeBytes === row.sizeBytes &&
    (entry.ctimeS ?? null) === row.ctimeS &&
    (entry.ctimeUs ?? null) === row.ctimeUs &&
    entry.identity === row.identity
  );
}

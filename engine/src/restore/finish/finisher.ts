// Puts whole files into their places, in batches (docs/host-api.md finish-file). Rule: a file is `finishing` in the Store
// before the host is asked, so that after a crash nobody takes a file in place for somebody else's. One batch is on its way at a
// time, of whatever is ready then.

import type { Answer, FinishedItem } from "../../border/answers.ts";
import type { ExistingRule } from "../../border/asks.ts";
import type { FinishItem } from "../../border/effects.ts";
import type { DamageCode } from "../../border/reasons.ts";
import { splitPath } from "../../format/path.ts";
import type { Context } from "../../runtime/context.ts";
import { workName } from "../fetch/loads.ts";
import {
  fail,
  hasReady,
  pageRows,
  type RestoredFile,
  readInStates,
  STATE,
  setStates,
  tryNextName,
} from "../tables/restored-files.ts";
import { KIND } from "../tables/version-rows.ts";
import { renamePath } from "./naming.ts";

/** Files of one effect. While one is on its way the next grows: a host flushes once for all of them. */
const MAX_FILES = 300;
/** Characters of paths in one effect. */
const MAX_CHARS = 100_000;
/** How many names are tried for one file. */
const MAX_TRIES = 100;
/** How many folders are remembered as made. */
const MAX_MADE = 2_000;

/** What the finisher tells whoever runs the restore. */
export interface FinishEvents {
  failed(): void;
  noSpace(files: readonly number[]): void;
  finished(files: number): void;
}

interface ReadyFile {
  readonly id: number;
  readonly path: string;
  readonly tries: number;
  readonly item: FinishItem;
}

export class Finisher {
  readonly #ctx: Context;
  readonly #target: string;
  readonly #work: string;
  readonly #existing: ExistingRule;
  readonly #events: FinishEvents;
  readonly #made = new Set<string>();
  #isAsking = false;
  #most: number | null = null;
  #isStopped = false;

  constructor(ctx: Context, target: string, work: string, existing: ExistingRule, events: FinishEvents) {
    this.#ctx = ctx;
    this.#target = target;
    this.#work = work;
    this.#existing = existing;
    this.#events = events;
  }

  /** True when no file is ready and none is on its way. */
  get isIdle(): boolean {
    return !this.#isAsking && !hasReady(this.#ctx.store);
  }

  pump(): void {
    if (this.#isAsking || this.#isStopped || !this.#ctx.hasRoom()) return;
    const files = this.#readBatch();
    if (files.length > 0) this.#issue(files);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #readBatch(): ReadyFile[] {
    this.#most ??= pageRows(this.#ctx.store, "restore_file", MAX_FILES);
    const batch: ReadyFile[] = [];
    let chars = 0;
    for (const row of readInStates(this.#ctx.store, KIND.file, [STATE.ready], 0, this.#most)) {
      const file = this.#fileOf(row);
      chars += 2 * file.path.length;
      if (batch.length > 0 && chars > MAX_CHARS) break;
      batch.push(file);
    }
    return batch;
  }

  #fileOf({ id, path, tries, chunks, sizeBytes, mode, mtimeS, mtimeUs }: RestoredFile): ReadyFile {
    const place = placeOf(path, tries);
    const item: FinishItem = {
      kind: "file",
      from: chunks === 0 ? null : workName(id),
      path: place,
      sizeBytes,
      mode: mode === null ? null : restoredMode(mode),
      mtimeS,
      mtimeUs,
      existing: this.#existing === "replace" ? "replace" : "refuse",
    };
    return { id, path: place, tries, item };
  }

  #issue(files: readonly ReadyFile[]): void {
    const folders = this.#newFolders(files);
    const items: FinishItem[] = [...folders, ...files.map((file) => file.item)];
    setStates(this.#ctx.store, STATE.finishing, files);
    this.#isAsking = true;
    this.#ctx.issue({ kind: "finish-file", target: this.#target, work: this.#work, items }, (answer) => {
      this.#isAsking = false;
      if (!this.#isStopped) this.#take(files, folders.length, answer);
    });
  }

  /** The folders that hold the files, but for those that were made a moment ago. */
  #newFolders(files: readonly ReadyFile[]): FinishItem[] {
    if (this.#made.size > MAX_MADE) this.#made.clear();
    const items: FinishItem[] = [];
    for (const { path } of files) {
      const { folder } = splitPath(path);
      if (folder === "" || this.#made.has(folder)) continue;
      this.#made.add(folder);
      items.push({ kind: "folder", path: folder });
    }
    return items;
  }

  #take(files: readonly ReadyFile[], skipped: number, answer: Answer<"finish-file">): void {
    if (answer.kind !== "finished") {
      setStates(this.#ctx.store, STATE.ready, files);
      this.#events.failed();
      return;
    }
    const { done, again, occupied, failed, spaceless } = this.#sort(files, answer.items.slice(skipped));
    setStates(this.#ctx.store, STATE.done, done);
    tryNextName(this.#ctx.store, STATE.ready, again);
    setStates(this.#ctx.store, STATE.occupied, occupied);
    setStates(this.#ctx.store, STATE.ready, spaceless);
    fail(this.#ctx.store, failed);
    this.#events.finished(done.length);
    if (spaceless.length > 0) this.#events.noSpace(spaceless.map(({ id }) => id));
  }

  #sort(files: readonly ReadyFile[], items: readonly FinishedItem[]) {
    const done: ReadyFile[] = [];
    const again: ReadyFile[] = [];
    const occupied: ReadyFile[] = [];
    const spaceless: ReadyFile[] = [];
    const failed: { id: number; code: DamageCode }[] = [];
    for (const [index, file] of files.entries()) {
      const item = items[index];
      if (item?.kind === "ok") done.push(file);
      else if (item?.kind === "no-space") spaceless.push(file);
      else if (item?.kind === "exists" && this.#existing === "rename" && file.tries < MAX_TRIES) again.push(file);
      else if (item?.kind === "exists") occupied.push(file);
      else failed.push({ id: file.id, code: codeOf(item) });
    }
    return { done, again, occupied, failed, spaceless };
  }
}

/**
 * The mode that a file or folder gets: without the bits that lend its owner's or group's rights (04000, 02000), for a
 * vault keeps neither, and what root restores would lend root's.
 */
export function restoredMode(mode: number): number {
  return mode & 0o1777;
}

/** Where a file goes that has been refused `tries` times because its name was taken. */
export function placeOf(path: string, tries: number): string {
  return tries === 0 ? path : renamePath(path, tries);
}

/** What is wrong with an item that was not finished. */
export function codeOf(item: FinishedItem | undefined): DamageCode {
  switch (item?.kind) {
    case "conflict":
      return "target-conflict";
    case "exists":
      return "target-exists";
    case "no-space":
      return "target-no-space";
    case "ok":
    case "refused":
    case undefined:
      return "target-refused";
  }
}

// `finish-file`: restored files, folders and links put into their places (docs/host-api.md H-25). Rule: a name appears only
// when what it names is on stable storage, and the answer comes when the name is too.
//
// The items of a batch are done in this order, so that few flushes serve many items: folders and links as they come, the
// files of a group prepared, flushed together, and placed; then folders' times, which placing would have changed, and modes,
// which may shut out their owner: what lies in those folders is on stable storage by then.

import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import type { Answers, EffectBody, FinishedItem, FinishItem } from "coffre-engine";
import { checkCancelled } from "../../../../host-loop/src/index.ts";
import { hasTime, setTimes, setTimesOfName } from "../file-stat.ts";
import { makeFolders } from "../made-folders.ts";
import { locate, type SystemPath } from "../names.ts";
import { openAsOwner } from "../owner-access.ts";
import { notFinishedOf, type Place, place, RestoreTarget, statName } from "../restore-target.ts";
import { flushFiles, flushFolders, flushHandle, flushInLanes } from "../stable-storage.ts";
import { errnoOf } from "../system-error.ts";
import { WorkWrites } from "./work-writes.ts";

type FinishEffect = EffectBody & { kind: "finish-file" };
type FileItem = FinishItem & { kind: "file" };
type LinkItem = FinishItem & { kind: "link" };
type TimesItem = FinishItem & { kind: "folder-times" };

interface Prepared {
  readonly index: number;
  readonly item: FileItem;
  readonly place: Place;
  readonly from: SystemPath;
  readonly isFlushed: boolean;
}

const OK: FinishedItem = { kind: "ok" };
const GROUP_FILES = 512;
const MODE_BITS = 0o7777;
const OPEN_WORK = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
const OPEN_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Carries out a `finish-file` effect. */
export async function finishFiles(effect: FinishEffect, signal: AbortSignal): Promise<Answers["finish-file"]> {
  const batch = new Batch(effect);
  try {
    for (const [index, item] of effect.items.entries()) {
      checkCancelled(signal);
      await batch.begin(index, item);
    }
    return { kind: "finished", items: await batch.end() };
  } finally {
    batch.close();
  }
}

class Batch {
  readonly #work: string;
  readonly #target: RestoreTarget;
  readonly #results: FinishedItem[];
  readonly #times: { readonly index: number; readonly item: TimesItem }[] = [];
  readonly #writes: WorkWrites;
  #group: Prepared[] = [];

  constructor(effect: FinishEffect) {
    this.#work = effect.work;
    this.#target = new RestoreTarget(effect.target);
    this.#writes = new WorkWrites(effect.work);
    this.#results = effect.items.map(() => OK);
  }

  async begin(index: number, item: FinishItem): Promise<void> {
    switch (item.kind) {
      case "file": {
        const failed = attempt(() => this.#prepare(index, item));
        if (failed !== null) this.#results[index] = failed;
        if (this.#group.length >= GROUP_FILES) await this.#placeGroup();
        return;
      }
      case "folder": {
        const made = this.#target.makeFolder(item.path);
        if (typeof made === "object" && "kind" in made) this.#results[index] = made;
        return;
      }
      case "folder-times":
        this.#times.push({ index, item });
        return;
      case "link":
        this.#results[index] = attempt(() => this.#makeLink(item));
        return;
      case "discard":
        this.#results[index] = attempt(() => discard(locate(this.#work, item.from)));
        return;
      case "write":
        this.#results[index] = attempt(() => this.#writes.write(index, item));
        return;
    }
  }

  async end(): Promise<FinishedItem[]> {
    for (const [index, lost] of await this.#writes.flush()) this.#results[index] = lost;
    await this.#placeGroup();
    const folders = this.#times.map(({ index, item }) => ({ index, item, made: this.#target.makeFolder(item.path) }));
    await flushFolders(this.#target.touchedFolders());
    this.#target.closeFolders();
    // In the order of the items, for one above another may shut out whoever looks for what is below it.
    await flushInLanes(folders, async ({ index, item, made }) => {
      this.#results[index] = typeof made === "object" && "kind" in made ? made : await finishFolder(made, item);
    });
    return this.#results;
  }

  /** Closes what is open. */
  close(): void {
    this.#writes.close();
  }

  /** Gives the file in work its size, mode and times; why not, or null. */
  #prepare(index: number, item: FileItem): FinishedItem | null {
    const found = this.#target.find(item.path);
    if ("kind" in found) return found;
    const from = item.from === null ? this.#newName() : locate(this.#work, item.from);
    const mode = item.mode ?? 0o666 & ~process.umask();
    // Flushing opens the file again, which its owner could not do then.
    const isReadable = (mode & 0o400) !== 0;
    let fd: number;
    try {
      fd = item.from === null ? openSync(from, "wx+", 0o600) : openAsOwner(from, OPEN_WORK);
    } catch (error) {
      if (errnoOf(error) === "ENOENT" && isFinished(found.path, item)) return OK;
      throw error;
    }
    try {
      if (fstatSync(fd).size !== item.sizeBytes) ftruncateSync(fd, item.sizeBytes);
      fchmodSync(fd, mode);
      setTimes(fd, item.mtimeS, item.mtimeUs);
      if (!isReadable) fsyncSync(fd);
    } catch (error) {
      if (item.from === null) discard(from);
      throw error;
    } finally {
      closeSync(fd);
    }
    this.#group.push({ index, item, place: found, from, isFlushed: !isReadable });
    return null;
  }

  async #placeGroup(): Promise<void> {
    const group = this.#group;
    this.#group = [];
    if (group.length === 0) return;
    const lost = await this.#flush(group.filter(({ isFlushed }) => !isFlushed));
    for (const file of group) {
      const { index, item, place: to, from } = file;
      const failed = lost.get(file);
      if (failed !== undefined) {
        this.#results[index] = failed;
        if (item.from === null) discard(from);
        continue;
      }
      const placed = this.#target.inFolder(to.folder, () => place(from, to.path, item.existing));
      const isOurs = placed.kind === "exists" && item.from === null && isFinished(to.path, item);
      this.#results[index] = isOurs ? OK : placed;
      if (item.from === null && placed.kind !== "ok") discard(from);
      this.#target.touch(to.folder);
    }
  }

  /** Flushes them together; those that do not last, and why. A download only wrote them: a full disk may be told here. */
  async #flush(files: readonly Prepared[]): Promise<ReadonlyMap<Prepared, FinishedItem>> {
    const lost = new Map<Prepared, FinishedItem>();
    const folder = locate(this.#work, "");
    try {
      await flushFiles(
        folder,
        files.map(({ from }) => from),
      );
    } catch {
      for (const file of files) {
        try {
          await flushFiles(folder, [file.from]);
        } catch (error) {
          lost.set(file, notFinishedOf(error));
        }
      }
    }
    return lost;
  }

  #makeLink(item: LinkItem): FinishedItem {
    const found = this.#target.find(item.path);
    if ("kind" in found) return found;
    const target = item.targetHex === undefined ? (item.target ?? "") : Buffer.from(item.targetHex, "hex");
    this.#target.touch(found.folder);
    if (item.existing === "refuse") {
      return this.#target.inFolder(found.folder, () => attempt(() => makeNewLink(found.path, target, item)));
    }
    const from = this.#newName();
    symlinkSync(target, from);
    const placed = attempt(() => {
      setTimesOfName(from, item.mtimeS, item.mtimeUs);
      return this.#target.inFolder(found.folder, () => place(from, found.path, "replace"));
    });
    if (placed.kind !== "ok") discard(from);
    return placed;
  }

  /** A name in work that nobody has. */
  #newName(): SystemPath {
    makeFolders(locate(this.#work, ""), 0o700);
    return locate(this.#work, `new-${randomUUID()}`);
  }
}

/** Gives a folder its times and mode, on stable storage: by one handle, since the mode may shut out its owner. */
async function finishFolder(folder: SystemPath, item: TimesItem): Promise<FinishedItem> {
  try {
    const mode = item.mode ?? lstatSync(folder).mode & MODE_BITS;
    const fd = openAsOwner(folder, OPEN_FOLDER);
    try {
      if ((fstatSync(fd).mode & MODE_BITS) !== mode) fchmodSync(fd, mode);
      setTimes(fd, item.mtimeS, item.mtimeUs);
      await flushHandle(fd);
    } finally {
      closeSync(fd);
    }
    return OK;
  } catch (error) {
    return notFinishedOf(error);
  }
}

/** What `work` says of its item, or what the system said against it. */
function attempt<T extends FinishedItem | null>(work: () => T): T | FinishedItem {
  try {
    return work();
  } catch (error) {
    return notFinishedOf(error);
  }
}

/** Whether the file that an item would make is there already: its effect was carried out, and the answer was lost. */
function isFinished(path: SystemPath, item: FileItem): boolean {
  const stat = statName(path);
  return stat?.isFile() === true && Number(stat.size) === item.sizeBytes && hasTime(stat, item.mtimeS, item.mtimeUs);
}

function makeNewLink(path: SystemPath, target: string | Buffer, item: LinkItem): FinishedItem {
  try {
    symlinkSync(target, path);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    // A link that says the same is ours, from before a process ended, or as good as ours.
    if (!isLinkTo(path, target)) return { kind: "exists" };
  }
  setTimesOfName(path, item.mtimeS, item.mtimeUs);
  return OK;
}

function isLinkTo(path: SystemPath, target: string | Buffer): boolean {
  return lstatSync(path).isSymbolicLink() && readlinkSync(path, "buffer").equals(Buffer.from(target));
}

function discard(path: SystemPath): FinishedItem {
  try {
    unlinkSync(path);
    return OK;
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? OK : notFinishedOf(error);
  }
}

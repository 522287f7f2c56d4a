// Watching a tree on Linux: one inotify watch for each folder, none for files. Rule: a folder is watched before it is looked
// into, so that nothing can appear between the two unseen.
//
// What Node hides and this file makes up for: the kernel's queue overflows silently (so a burst as long as the queue counts as
// one), and watches are a limited resource (so a tree with too many folders is "anywhere", the engine's sweeps find the rest, and
// what has no watch is remembered until there is one).

import { type FSWatcher, lstat, readdir, readFileSync, watch } from "node:fs";
import { joinPath } from "coffre-engine";
import type { TreeListener, TreeWatch } from "./effects/watch.ts";
import { keyOfName, locate, locateIn, textOfKey } from "./names.ts";
import { isOwnFolder, OWN_MARK } from "./own-folders.ts";
import { errnoOf } from "./system-error.ts";

/** One watcher costs about a kilobyte here and as much in the kernel. */
const MOST_FOLDERS = 100_000;
const PARALLEL_LISTINGS = 8;
const QUEUE_EVENTS = 16_384;

/** What the system says when it has no watch, or no handle for one, left. */
const STARVED = ["ENOSPC", "EMFILE", "ENFILE", "ENOMEM"];

/** Tells of the folder of each change below `root`, and null when changes may have gone unseen. */
export class FolderTreeWatch implements TreeWatch {
  readonly #root: string;
  readonly #onChange: (folder: string | null) => void;
  readonly #onStarved: () => void;
  readonly #onWhole: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Coffre's own folders (H-36): they are watched for their mark alone. */
  readonly #own = new Set<string>();
  readonly #queueEvents = readQueueLength();
  /** Folders to look into for folders below. */
  #found: { readonly path: string; readonly isNew: boolean }[] = [];
  /** Folders that no watch was left for, or that could not be looked into for want of handles. */
  readonly #starved = new Set<string>();
  #listings = 0;
  #burst = 0;
  #closed = false;

  constructor(root: string, { onChange, onStarved, onWhole }: TreeListener) {
    this.#root = root;
    this.#onChange = onChange;
    this.#onStarved = onStarved;
    this.#onWhole = onWhole;
    this.#add("", false);
  }

  remounted(path: string): void {
    this.#onChange(path);
    this.#replace(path);
  }

  retry(): void {
    for (const path of [...this.#starved]) {
      this.#lose(path);
      // As long as there is none for one of them, the others need not be asked for.
      if (!this.#add(path, true)) return;
    }
    this.#settle();
  }

  close(): void {
    this.#closed = true;
    this.#starved.clear();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#own.clear();
    this.#found = [];
  }

  /**
   * Watches a folder, then looks for folders in it. One that appeared later is told of as changed: files may be in it. False when
   * no watch is left.
   */
  #add(path: string, isNew: boolean): boolean {
    if (this.#closed || this.#watchers.has(path)) return true;
    if (this.#watchers.size >= MOST_FOLDERS) {
      this.#starve(path);
      return false;
    }
    try {
      const watcher = watch(locate(this.#root, path), "buffer", (event, name) => this.#onEvent(path, event, name));
      watcher.on("error", () => this.#lose(path));
      this.#watchers.set(path, watcher);
    } catch (error) {
      // Among the reasons: the folder is too deep, or its name too long, for a path (F-65).
      this.#missed(error, path);
      return !isStarving(error);
    }
    if (isNew) this.#onChange(path);
    this.#found.push({ path, isNew });
    this.#listNext();
    return true;
  }

  #listNext(): void {
    while (this.#listings < PARALLEL_LISTINGS) {
      const next = this.#found.pop();
      if (next === undefined) return;
      this.#listings++;
      readdir(locate(this.#root, next.path), { encoding: "latin1", withFileTypes: true }, (error, entries) => {
        this.#listings--;
        if (error === null) this.#starved.delete(next.path);
        else this.#missed(error, next.path);
        // Nothing below one is looked at, and a server's data has more folders than there may be watches.
        const isOwn =
          entries?.some(({ name }) => name === OWN_MARK) === true && isOwnFolder(locate(this.#root, next.path));
        if (isOwn) this.#own.add(next.path);
        for (const entry of isOwn ? [] : (entries ?? [])) {
          if (entry.isDirectory()) this.#add(joinPath(next.path, textOfKey(keyOfName(entry.name))), next.isNew);
        }
        this.#listNext();
        this.#settle();
      });
    }
  }

  /** Says that all of the tree is watched, when it is. */
  #settle(): void {
    if (this.#closed || this.#listings > 0 || this.#found.length > 0 || this.#starved.size > 0) return;
    if (this.#watchers.has("")) this.#onWhole();
  }

  #onEvent(folder: string, event: string, name: string | Buffer | null): void {
    if (this.#countBurst()) return;
    const text = Buffer.isBuffer(name) ? textOfKey(keyOfName(name.toString("latin1"))) : null;
    if (this.#own.has(folder) && text !== OWN_MARK) return;
    this.#onChange(folder);
    if (event !== "rename" || text === null) return;
    if (text === OWN_MARK) this.#replace(folder);
    const path = joinPath(folder, text);
    // The name may be longer than that of a path, or one too many for it.
    lstat(locateIn(locate(this.#root, folder), text), (error, stat) => {
      if (this.#closed) return;
      if (error === null && stat.isDirectory()) this.#replace(path);
      else this.#lose(path);
    });
  }

  /** A folder cannot be watched or looked into. What vanished is told of by the folder above; all else leaves a gap. */
  #missed(error: unknown, path: string): void {
    if (this.#closed) return;
    if (isStarving(error)) {
      this.#starve(path);
      return;
    }
    this.#starved.delete(path);
    if (path === "" || !["ENOENT", "ENOTDIR"].includes(errnoOf(error))) this.#onChange(null);
  }

  /** What is below a folder may change unseen from now on; that was said already of one that is tried again. */
  #starve(path: string): void {
    if (!this.#starved.has(path)) this.#onChange(null);
    this.#starved.add(path);
    this.#onStarved();
  }

  /** A folder came under this name: maybe another one than before. */
  #replace(path: string): void {
    this.#lose(path);
    this.#add(path, true);
  }

  /** Stops watching a folder and those below it: they went away. */
  #lose(path: string): void {
    if (!this.#watchers.has(path)) return;
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#watchers.delete(watched);
      this.#own.delete(watched);
    }
    if (path === "") this.#onChange(null);
  }

  /** Counts the events of one turn of the loop; as many as the kernel queues mean that it may have dropped some. */
  #countBurst(): boolean {
    if (this.#burst === 0) {
      setImmediate(() => {
        this.#burst = 0;
      });
    }
    this.#burst++;
    if (this.#burst < this.#queueEvents) return false;
    if (this.#burst === this.#queueEvents) this.#startOver();
    return true;
  }

  /** Folders may have come unseen: watches everything anew. */
  #startOver(): void {
    this.close();
    this.#closed = false;
    this.#onChange(null);
    this.#add("", false);
  }
}

function isStarving(error: unknown): boolean {
  return STARVED.includes(errnoOf(error));
}

/** How many events the kernel keeps for a reader that is late. */
function readQueueLength(): number {
  try {
    const events = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "latin1"));
    return events > 0 ? events : QUEUE_EVENTS;
  } catch {
    return QUEUE_EVENTS;
  }
}

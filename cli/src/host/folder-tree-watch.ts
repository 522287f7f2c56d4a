// Watching a tree on Linux: one inotify watch for each folder, none for files. Rule: a folder is watched before it is looked
// into, so that nothing can appear between the two unseen.
//
// What Node hides and this file makes up for: the kernel's queue overflows silently (so a burst as long as the queue counts as
// one), and watches are a limited resource (so a tree with too many folders is "anywhere", and the engine's sweeps find the rest).

import { type FSWatcher, lstat, readdir, readFileSync, watch } from "node:fs";
import type { TreeListener, TreeWatch } from "./effects/watch.ts";
import { errnoOf } from "./host-fault.ts";
import { joinPath, keyOfName, locate, locateIn, textOfKey } from "./names.ts";

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
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #queueEvents = readQueueLength();
  /** Folders to look into for folders below. */
  #found: { readonly path: string; readonly isNew: boolean }[] = [];
  #listings = 0;
  #burst = 0;
  #closed = false;

  constructor(root: string, { onChange, onStarved }: TreeListener) {
    this.#root = root;
    this.#onChange = onChange;
    this.#onStarved = onStarved;
    this.#add("", false);
  }

  remounted(path: string): void {
    this.#onChange(path);
    this.#replace(path);
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#found = [];
  }

  /** Watches a folder, then looks for folders in it. One that appeared later is told of as changed: files may be in it. */
  #add(path: string, isNew: boolean): void {
    if (this.#closed || this.#watchers.has(path)) return;
    if (this.#watchers.size >= MOST_FOLDERS) {
      this.#onChange(null);
      this.#onStarved();
      return;
    }
    try {
      const watcher = watch(locate(this.#root, path), "buffer", (event, name) => this.#onEvent(path, event, name));
      watcher.on("error", () => this.#lose(path));
      this.#watchers.set(path, watcher);
    } catch (error) {
      // Among the reasons: the folder is too deep, or its name too long, for a path (F-65).
      this.#missed(error, path);
      return;
    }
    if (isNew) this.#onChange(path);
    this.#found.push({ path, isNew });
    this.#listNext();
  }

  #listNext(): void {
    while (this.#listings < PARALLEL_LISTINGS) {
      const next = this.#found.pop();
      if (next === undefined) return;
      this.#listings++;
      readdir(locate(this.#root, next.path), { encoding: "latin1", withFileTypes: true }, (error, entries) => {
        this.#listings--;
        if (error !== null) this.#missed(error, next.path);
        for (const entry of entries ?? []) {
          if (entry.isDirectory()) this.#add(joinPath(next.path, textOfKey(keyOfName(entry.name))), next.isNew);
        }
        this.#listNext();
      });
    }
  }

  #onEvent(folder: string, event: string, name: string | Buffer | null): void {
    if (this.#countBurst()) return;
    this.#onChange(folder);
    if (event !== "rename" || !Buffer.isBuffer(name)) return;
    const text = textOfKey(keyOfName(name.toString("latin1")));
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
    if (STARVED.includes(errnoOf(error))) this.#onStarved();
    if (path === "" || !["ENOENT", "ENOTDIR"].includes(errnoOf(error))) this.#onChange(null);
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

/** How many events the kernel keeps for a reader that is late. */
function readQueueLength(): number {
  try {
    const events = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "latin1"));
    return events > 0 ? events : QUEUE_EVENTS;
  } catch {
    return QUEUE_EVENTS;
  }
}

// `watch`: roots observed for changes (docs/host-api.md §3, watch). Rule: when it is not certain that every change was seen,
// the answer is "anything may have changed", never silence. Why not a library: docs/decisions/0007-watching-folders.md.

import type { Clock } from "../../../../host-loop/src/index.ts";
import { SYSTEM_CLOCK } from "../clock.ts";
import { FolderTreeWatch } from "../folder-tree-watch.ts";
import { changedMounts, identify, identifyNow, readMounts } from "../ground.ts";
import { NativeTreeWatch } from "../native-tree-watch.ts";

/** Who hears of roots. */
export interface WatchListener {
  /** Something changed below a root: in those folders, or anywhere. */
  readonly onChanged: (root: string, folders: readonly string[] | null) => void;
  /** From now on changes below a root may go unseen, or are all seen again. */
  readonly onUnwatched: (root: string, unwatched: boolean) => void;
}

/** Observes one root until it is closed. */
export interface TreeWatch {
  /** A disk came or went at this path: whatever is there is observed anew, and told as changed. */
  remounted(path: string): void;
  /** Tries again to watch what no watch was left for; tells each folder that is watched from now on as changed. */
  retry(): void;
  close(): void;
}

/** What a tree tells: the folder of a change, null for anywhere; that no watch is left for all of it; that all of it is watched. */
export interface TreeListener {
  readonly onChange: (folder: string | null) => void;
  readonly onStarved: () => void;
  readonly onWhole: () => void;
}

interface Observed {
  readonly changes: Changes;
  tree: TreeWatch;
  identity: string;
  isStarved: boolean;
  isAsked: boolean;
  /** The pause before the next try to watch the rest; null while none waits. */
  pauseMs: number;
  cancelRetry: (() => void) | null;
}

/** Changes are gathered this long, so that a folder that is being filled is told of a few times only. */
const GATHER_MS = 250;
const MOST_FOLDERS = 500;
/** Pauses before watches are asked for again: each is twice as long as the one before. The engine's sweeps are as far apart as the longest. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 900_000;
/** How often it is looked whether roots are the folders that they were. */
const LOOK_MS = 1_000;

/** The roots that are observed now. */
export class Watch {
  readonly #listener: WatchListener;
  readonly #clock: Clock;
  readonly #observed = new Map<string, Observed>();
  #mounts = readMounts();
  #timer: NodeJS.Timeout | null = null;

  constructor(listener: WatchListener, clock: Clock = SYSTEM_CLOCK) {
    this.#listener = listener;
    this.#clock = clock;
  }

  /** Observes these roots and no others. */
  set(roots: readonly string[]): void {
    for (const root of this.#observed.keys()) if (!roots.includes(root)) this.#drop(root);
    for (const root of roots) {
      const observed = this.#observed.get(root);
      if (observed === undefined) this.#observe(root);
      else if (observed.isStarved) this.#listener.onUnwatched(root, true);
    }
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = this.#observed.size === 0 ? null : setInterval(() => this.#look(), LOOK_MS);
    this.#timer?.unref();
  }

  close(): void {
    this.set([]);
  }

  #observe(root: string): void {
    const changes = new Changes((folders) => this.#listener.onChanged(root, folders));
    const identity = identifyNow(root);
    const retries = { pauseMs: FIRST_PAUSE_MS, cancelRetry: null };
    const observed = { changes, identity, isStarved: false, isAsked: false, tree: NOTHING, ...retries };
    this.#observed.set(root, observed);
    this.#grow(root, observed);
  }

  /** Watches the folder that has a root's name now. */
  #grow(root: string, observed: Observed): void {
    const listener = {
      onChange: (folder: string | null) => observed.changes.add(folder),
      onStarved: () => {
        if (this.#observed.get(root) !== observed) return;
        if (!observed.isStarved) this.#listener.onUnwatched(root, true);
        observed.isStarved = true;
        this.#planRetry(observed);
      },
      onWhole: () => {
        if (!observed.isStarved || this.#observed.get(root) !== observed) return;
        observed.isStarved = false;
        observed.pauseMs = FIRST_PAUSE_MS;
        this.#listener.onUnwatched(root, false);
      },
    };
    // Linux has no watch for a whole tree; the other systems have one, which costs the same for any size.
    const isLinux = process.platform === "linux";
    observed.tree = isLinux ? new FolderTreeWatch(root, listener) : new NativeTreeWatch(root, listener);
  }

  /** Watches come free when other programs end, or when somebody raises the limit. */
  #planRetry(observed: Observed): void {
    if (observed.cancelRetry !== null) return;
    observed.cancelRetry = this.#clock.callAt(this.#clock.nowMs() + observed.pauseMs, () => {
      observed.cancelRetry = null;
      observed.tree.retry();
    });
    observed.pauseMs = Math.min(observed.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** A root that is another folder than before is observed anew; so is a disk that came or went below it. */
  #look(): void {
    const before = this.#mounts;
    this.#mounts = readMounts();
    for (const [root, observed] of this.#observed) {
      for (const path of changedMounts(root, before, this.#mounts)) observed.tree.remounted(path);
      if (observed.isAsked) continue;
      observed.isAsked = true;
      identify(root, (identity) => {
        observed.isAsked = false;
        if (identity === observed.identity || this.#observed.get(root) !== observed) return;
        observed.identity = identity;
        observed.tree.close();
        observed.changes.add(null);
        this.#grow(root, observed);
      });
    }
  }

  #drop(root: string): void {
    const observed = this.#observed.get(root);
    this.#observed.delete(root);
    observed?.cancelRetry?.();
    observed?.tree.close();
    observed?.changes.close();
  }
}

const NOTHING: TreeWatch = { remounted: () => {}, retry: () => {}, close: () => {} };

/** Gathers the folders in which something changed. */
class Changes {
  readonly #tell: (folders: readonly string[] | null) => void;
  #folders: Set<string> | null = new Set();
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (folders: readonly string[] | null) => void) {
    this.#tell = tell;
  }

  /** null means anywhere. */
  add(folder: string | null): void {
    if (folder === null || (this.#folders?.size ?? 0) >= MOST_FOLDERS) this.#folders = null;
    else this.#folders?.add(folder);
    this.#timer ??= setTimeout(() => {
      const folders = this.#folders;
      this.#timer = null;
      this.#folders = new Set();
      this.#tell(folders === null ? null : [...folders]);
    }, GATHER_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

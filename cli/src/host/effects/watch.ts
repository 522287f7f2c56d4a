// `watch`: roots observed for changes (docs/host-api.md §3, watch). Rule: when it is not certain that every change was seen,
// the answer is "anything may have changed", never silence. Why not a library: docs/decisions/0007-watching-folders.md.

import { FolderTreeWatch } from "../folder-tree-watch.ts";
import { NativeTreeWatch } from "../native-tree-watch.ts";

/** Tells of changes below a root: in those folders, or anywhere. */
export type OnChanged = (root: string, folders: readonly string[] | null) => void;

/** Observes one root until it is closed. */
export interface TreeWatch {
  close(): void;
}

/** Changes are gathered this long, so that a folder that is being filled is told of a few times only. */
const GATHER_MS = 250;
const MOST_FOLDERS = 500;

/** The roots that are observed now. */
export class Watch {
  readonly #onChanged: OnChanged;
  readonly #observed = new Map<string, { readonly tree: TreeWatch; readonly changes: Changes }>();

  constructor(onChanged: OnChanged) {
    this.#onChanged = onChanged;
  }

  /** Observes these roots and no others. */
  set(roots: readonly string[]): void {
    for (const root of this.#observed.keys()) if (!roots.includes(root)) this.#drop(root);
    for (const root of roots) if (!this.#observed.has(root)) this.#observe(root);
  }

  close(): void {
    this.set([]);
  }

  #observe(root: string): void {
    const changes = new Changes((folders) => this.#onChanged(root, folders));
    const add = (folder: string | null): void => changes.add(folder);
    // Linux has no watch for a whole tree; the other systems have one, which costs the same for any size.
    const tree = process.platform === "linux" ? new FolderTreeWatch(root, add) : new NativeTreeWatch(root, add);
    this.#observed.set(root, { tree, changes });
  }

  #drop(root: string): void {
    const observed = this.#observed.get(root);
    this.#observed.delete(root);
    observed?.tree.close();
    observed?.changes.close();
  }
}

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

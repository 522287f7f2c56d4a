// The observer behind `watch`: it turns changes of the tree into `changed` inputs. Rule: changes are gathered for a
// moment, as every platform's observer does, and too many of them become "anything".

import type { FileTree } from "./file-tree.ts";
import type { Timer, VirtualClock } from "./virtual-clock.ts";

const GATHER_MS = 100;
const MOST_FOLDERS = 200;

export class FolderWatch {
  readonly #clock: VirtualClock;
  readonly #tell: (root: string, folders: readonly string[] | null) => void;
  readonly #changed = new Map<string, Set<string>>();
  #roots: readonly string[] = [];
  #timer: Timer | null = null;

  constructor(clock: VirtualClock, tree: FileTree, tell: (root: string, folders: readonly string[] | null) => void) {
    this.#clock = clock;
    this.#tell = tell;
    tree.observe((folder) => {
      if (!tree.faults.isUnobserved) this.#notice(folder);
    });
  }

  /** Whether changes were seen that are not told yet. */
  get isPending(): boolean {
    return this.#timer !== null;
  }

  /** Observes these roots and no others. */
  set(roots: readonly string[]): void {
    this.#roots = roots;
    for (const root of this.#changed.keys()) if (!roots.includes(root)) this.#changed.delete(root);
    if (this.#changed.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #notice(folder: string): void {
    for (const root of this.#roots) {
      if (folder !== root && !folder.startsWith(`${root}/`)) continue;
      const folders = this.#changed.get(root) ?? new Set();
      folders.add(folder.slice(root.length + 1));
      this.#changed.set(root, folders);
      this.#timer ??= this.#clock.schedule(this.#clock.nowMs + GATHER_MS, () => this.#flush());
    }
  }

  #flush(): void {
    this.#timer = null;
    for (const [root, folders] of this.#changed)
      this.#tell(root, folders.size > MOST_FOLDERS ? null : [...folders].sort());
    this.#changed.clear();
  }
}

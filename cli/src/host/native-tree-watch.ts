// Watching a tree where the system itself does it (macOS, Windows). Rule: a name that cannot be told means "anywhere".

import { type FSWatcher, watch } from "node:fs";
import { sep } from "node:path";
import type { TreeListener, TreeWatch } from "./effects/watch.ts";
import { locate } from "./names.ts";

/** Tells of the folder of each change below `root`, and null when the system lost track. */
export class NativeTreeWatch implements TreeWatch {
  readonly #root: string;
  readonly #listener: TreeListener;
  #watcher: FSWatcher | null = null;

  constructor(root: string, listener: TreeListener) {
    this.#root = root;
    this.#listener = listener;
    this.retry();
  }

  retry(): void {
    const { onChange, onStarved, onWhole } = this.#listener;
    if (this.#watcher !== null) return;
    try {
      this.#watcher = watch(locate(this.#root, ""), { recursive: true });
    } catch {
      onChange(null);
      onStarved();
      return;
    }
    this.#watcher.on("change", (_event, name) => {
      const at = typeof name === "string" ? name.lastIndexOf(sep) : -1;
      if (typeof name !== "string") onChange(null);
      else onChange(at < 0 ? "" : name.slice(0, at).replaceAll(sep, "/"));
    });
    this.#watcher.on("error", () => onChange(null));
    onWhole();
  }

  remounted(path: string): void {
    this.#listener.onChange(path);
  }

  close(): void {
    this.#watcher?.close();
  }
}

// Watching a tree where the system itself does it (macOS, Windows). Rule: a name that cannot be told means "anywhere".

import { type FSWatcher, watch } from "node:fs";
import { sep } from "node:path";
import type { TreeListener, TreeWatch } from "./effects/watch.ts";
import { locate } from "./names.ts";

/** Tells of the folder of each change below `root`, and null when the system lost track. */
export class NativeTreeWatch implements TreeWatch {
  readonly #watcher: FSWatcher | null;
  readonly #onChange: (folder: string | null) => void;

  constructor(root: string, { onChange, onStarved }: TreeListener) {
    this.#onChange = onChange;
    try {
      this.#watcher = watch(locate(root, ""), { recursive: true });
    } catch {
      this.#watcher = null;
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
  }

  remounted(path: string): void {
    this.#onChange(path);
  }

  close(): void {
    this.#watcher?.close();
  }
}

// The folders between a root and what lies below it (docs/host-api.md H-20, H-21). Rule: none of them is a link; the root's own
// locator may be one.

import { lstatSync } from "node:fs";
import { locate, splitPath } from "./names.ts";

/** One effect's view of folders: each is looked at once. */
export class PlainFolders {
  readonly #seen = new Set<string>();

  /** Throws an error of the system with the code `ENOENT` when a folder above `path` is a link: what was there has gone. */
  check(locator: string, path: string): void {
    const above = path.lastIndexOf("/");
    if (above < 0) return;
    // Two paths may share this text only when they share the folders: it ends before the name, or inside its escape.
    const id = `${locator}\0${path.slice(0, above)}`;
    if (this.#seen.has(id)) return;
    let folder = "";
    for (const name of splitPath(path).slice(0, -1)) {
      folder = folder === "" ? name : `${folder}/${name}`;
      if (lstatSync(locate(locator, folder)).isSymbolicLink()) throw new LinkInPath();
    }
    this.#seen.add(id);
  }
}

class LinkInPath extends Error {
  override readonly name = "LinkInPath";
  readonly code = "ENOENT";

  constructor() {
    super("a folder has become a link");
  }
}

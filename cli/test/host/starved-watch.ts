// A process that watches a folder when it may open nothing more: from the start, or from the first change on, after which a
// folder with another one in it comes. Rule: it says a line for each change, and ends when its input does.
//
//   node starved-watch.ts "at once" | "later" ROOT ARRIVING-FOLDER

import { openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FolderTreeWatch } from "../../src/host/folder-tree-watch.ts";

const [when, root = "", arriving = ""] = process.argv.slice(2);
let isStarved = false;

/** Opens files until the system gives no more. */
function starve(): void {
  isStarved = true;
  try {
    for (;;) openSync("/dev/null", "r");
  } catch {
    return;
  }
}

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
process.stdout.write("begun\n");
if (when === "at once") starve();
new FolderTreeWatch(root, {
  onChange: (folder) => {
    process.stdout.write(`${JSON.stringify(folder)}\n`);
    if (isStarved) return;
    starve();
    renameSync(arriving, join(root, "arrived"));
  },
  onStarved: () => process.stdout.write("starved\n"),
});
if (when === "later") writeFileSync(join(root, "first change"), "");

// Folders that are made with those above them. Rule: it ends, also where a system says of a folder that is there that nothing
// can be made in it because it is not there (procfs): Node's own recursion tries that for ever.

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { SystemPath } from "./names.ts";
import { errnoOf } from "./system-error.ts";

/** Makes a folder where there is none, and those above it. Throws the system's error. */
export function makeFolders(path: SystemPath, mode = 0o777): void {
  const failed = tryMake(path, mode);
  if (failed === null) return;
  const above = folderAbove(path);
  if (errnoOf(failed) !== "ENOENT" || Buffer.from(above).equals(Buffer.from(path))) throw failed;
  makeFolders(above, mode);
  const failedAgain = tryMake(path, mode);
  if (failedAgain !== null) throw failedAgain;
}

/** What the system says against it; null when the folder is there now. */
function tryMake(path: SystemPath, mode: number): unknown {
  try {
    mkdirSync(path, { mode });
    return null;
  } catch (error) {
    if (errnoOf(error) === "EEXIST" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return null;
    return error;
  }
}

function folderAbove(path: SystemPath): SystemPath {
  return typeof path === "string" ? dirname(path) : Buffer.from(dirname(path.toString("latin1")), "latin1");
}

// What a mode shuts its owner out of, opened again: a restore that was broken off may have left such files and folders
// (docs/host-api.md H-25). Rule: a mode is changed of what has the name itself, never of what a link there names.

import { chmodSync, closeSync, constants, fstatSync, lchmodSync, lstatSync, openSync, type Stats } from "node:fs";
import type { SystemPath } from "./names.ts";
import { errnoOf } from "./system-error.ts";

const MODE_BITS = 0o7777;
const OWNER = 0o600;
/** Linux's open(2): a handle on a name, which its mode does not refuse. node:fs has no word for it. */
const O_PATH = 0o10000000;

/** Opens `path` with flags that follow no link, after letting its owner in where the mode does not. */
export function openAsOwner(path: SystemPath, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (errnoOf(error) !== "EACCES") throw error;
    allowOwner(path);
    return openSync(path, flags);
  }
}

/** Lets the owner of a file or folder read and write it; a link is left alone. */
export function allowOwner(path: SystemPath): void {
  if (process.platform !== "linux") {
    // Where modes count and links have one, a call that does not follow them is there.
    const change = lchmodSync ?? chmodSync;
    allow(lstatSync(path), (mode) => change(path, mode));
    return;
  }
  const name = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    allow(fstatSync(name), (mode) => chmodSync(`/proc/self/fd/${name}`, mode));
  } finally {
    closeSync(name);
  }
}

function allow(stat: Stats, change: (mode: number) => void): void {
  if (stat.isFile() || stat.isDirectory()) change((stat.mode & MODE_BITS) | OWNER);
}

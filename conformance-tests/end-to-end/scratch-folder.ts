// Folders that live as long as what uses them. Rule: removed with everything in it, also what may not be entered.

import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder in `within`, which defaults to the system's folder for temporary files. */
export function makeScratchFolder(name: string, within: string = tmpdir()): string {
  return mkdtempSync(join(within, `coffre-${name}-`));
}

/** Removes a folder and all that it holds. */
export function removeScratchFolder(folder: string): void {
  allowEntering(Buffer.from(folder));
  rmSync(folder, { recursive: true, force: true });
}

/** Gives the owner back what a test took away: a folder that nobody may list cannot be emptied. */
function allowEntering(folder: Buffer): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { encoding: "buffer", withFileTypes: true })) {
    if (entry.isDirectory()) allowEntering(Buffer.concat([folder, Buffer.from("/"), entry.name]));
  }
}

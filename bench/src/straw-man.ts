// The straw man: the same bytes read and written one after the other, fsynced every 8 MiB, without anything else. Rule: it says
// what the disk alone would allow.

import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { walkTree } from "../../conformance-tests/end-to-end/tree-picture.ts";
import type { Input } from "./inputs.ts";

const WRITE_BYTES = 8_388_608;

/** Seconds that it takes, in a folder of its own that is gone afterwards. */
export function measureStrawMan(
  folder: string,
  input: Input,
): { readonly seconds: number; readonly cpuSeconds: number } {
  mkdirSync(folder, { recursive: true });
  const buffer = Buffer.alloc(WRITE_BYTES);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const out = openSync(join(folder, "straw"), "w");
  let unsynced = 0;
  for (const path of walkTree(input.folder)) {
    const file = openSync(Buffer.concat([Buffer.from(`${input.folder}/`), path]), "r");
    for (let read = readFile(file, buffer); read > 0; read = readFile(file, buffer)) {
      writeSync(out, buffer, 0, read);
      unsynced += read;
      if (unsynced >= WRITE_BYTES) {
        fsyncSync(out);
        unsynced = 0;
      }
    }
    closeSync(file);
  }
  fsyncSync(out);
  closeSync(out);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  removeScratchFolder(folder);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

/** Up to a buffer of the file's next bytes; 0 at its end, and for a folder. */
function readFile(file: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EISDIR") return 0;
    throw error;
  }
}
